/*
 * request: one HTTP request to a Parlor server, and what may come of it.
 * parlor.js is made of these.
 */

import { isOriginRefused } from "./origin.js";

const REQUEST_MS = 15_000;

/* Codes from status 500 up with which the server says that nothing was done. */
const NOTHING_DONE = new Set(["busy", "read_only", "storage_full"]);

/*
 * What went wrong with a request.  `status` is 0 when there was no answer.
 * `code` is the server's, or one of unreachable, timeout, offline (the browser
 * says that it has no network), not_parlor (an answer that no Parlor server
 * gives: a proxy's error page, a wrong address).  A server that does not admit
 * pages of this origin gives no answer either; its code is origin_not_allowed.
 * `fields` says why each refused field was refused.
 */
export class ParlorError extends Error {
  constructor({ status = 0, code, detail = code, fields = {}, retryMs = null }) {
    super(detail);
    this.name = "ParlorError";
    this.detail = detail;
    this.status = status;
    this.code = code;
    this.fields = fields;
    this.retryMs = retryMs;
  }

  /* Nobody knows whether it was done; repeating is safe only with a key. */
  get uncertain() {
    return this.status === 0 || (this.status >= 500 && !NOTHING_DONE.has(this.code));
  }

  /* The same request may well succeed later. */
  get passing() {
    return this.status === 0 || this.status >= 500 || this.status === 429;
  }
}

/* 128 random bits.  crypto.randomUUID does not exist on plain http. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

/*
 * Aborts `controller` as soon as one of `signals` is; returns what ends that.
 * AbortSignal.any is missing in browsers that are supported.
 */
export function follow(controller, signals) {
  const stop = () => controller.abort();
  for (const signal of signals) {
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);
  }
  return () => signals.forEach((signal) => signal.removeEventListener("abort", stop));
}

function retryAfter(response) {
  const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return Number.isNaN(seconds) ? null : seconds * 1000;
}

function problemOf(response, body) {
  return new ParlorError({
    status: response.status,
    code: body?.code ?? "not_parlor",
    detail: body?.detail ?? body?.title,
    fields: body?.fields,
    retryMs: retryAfter(response),
  });
}

/* An answer's JSON; null for 204; a ParlorError for anything else. */
async function readAnswer(response) {
  if (response.status === 204) return null;
  const text = await response.text();
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {
    throw problemOf(response, null);
  }
  if (!response.ok) throw problemOf(response, body);
  return body;
}

/* Why there was no answer. */
async function silenceOf(url, { late, ended }) {
  if (late) return new ParlorError({ code: "timeout" });
  if (ended || !(await isOriginRefused(url))) return new ParlorError({ code: "unreachable" });
  const detail = `The server refuses pages of ${globalThis.location.origin}: its setting cors_origins does not list it.`;
  return new ParlorError({ code: "origin_not_allowed", detail });
}

/* Gives up after `ms`, and when one of `signals` is aborted. */
export async function ask(url, { signals = [], ms = REQUEST_MS, ...options }) {
  const given = new AbortController();
  const unfollow = follow(given, signals);
  let late = false;
  const limit = setTimeout(() => {
    late = !given.signal.aborted;
    given.abort();
  }, ms);
  try {
    const response = await fetch(url, { cache: "no-store", ...options, signal: given.signal });
    return await readAnswer(response);
  } catch (error) {
    if (error instanceof ParlorError) throw error;
    throw await silenceOf(url, { late, ended: given.signal.aborted });
  } finally {
    clearTimeout(limit);
    unfollow();
  }
}
