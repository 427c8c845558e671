/* request: one HTTP request to a Parlor server, its answer or its error. */

import { isOriginRefused } from "./origin.js";

const REQUEST_MS = 15_000;

/* With these codes, though of status 500 and up, the server says that nothing was done. */
const NOTHING_DONE = new Set(["busy", "read_only", "not_set_up", "storage_full"]);

/**
 * Why a request failed.  `status` is 0 when there was no answer.  `code` is the
 * server's, or one of unreachable, timeout, offline (the browser reports no
 * network), not_parlor (an answer that no Parlor server gives: a proxy's error
 * page, a wrong address) and origin_not_allowed (the server refuses pages of
 * this origin, which the browser shows as no answer).  `fields` says why each
 * refused field was refused.
 */
export class ParlorError extends Error {
  /**
   * @param {object} about
   * @param {number} [about.status]
   * @param {string} about.code
   * @param {string} [about.detail]
   * @param {Record<string, string>} [about.fields]
   * @param {number | null} [about.retryMs]
   */
  constructor({ status = 0, code, detail = code, fields = {}, retryMs = null }) {
    super(detail);
    this.name = "ParlorError";
    this.detail = detail;
    this.status = status;
    this.code = code;
    this.fields = fields;
    this.retryMs = retryMs;
  }

  /** It is unknown whether the request was carried out; repeating is safe only with a key. */
  get uncertain() {
    return this.status === 0 || (this.status >= 500 && !NOTHING_DONE.has(this.code));
  }

  /** The same request may succeed later. */
  get passing() {
    return this.status === 0 || this.status >= 500 || this.status === 429;
  }
}

/** 128 random bits.  crypto.randomUUID does not exist on plain http. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

/**
 * A `client_id`: the time, then 80 random bits.  Ids of the same moment stand
 * side by side in the server's index, so they are written together.  A wrong
 * clock does no harm.
 */
export function newClientId() {
  return Date.now().toString(16).padStart(12, "0") + newId().slice(12);
}

/**
 * Aborts `controller` as soon as one of `signals` is aborted.  AbortSignal.any
 * is missing in some supported browsers.
 *
 * @param {AbortController} controller
 * @param {AbortSignal[]} signals
 * @returns {() => void} ends it
 */
export function linkAbort(controller, signals) {
  const stop = () => controller.abort();
  for (const signal of signals) {
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);
  }
  return () => signals.forEach((signal) => signal.removeEventListener("abort", stop));
}

/** @param {Response} response */
function retryAfter(response) {
  const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return Number.isNaN(seconds) ? null : seconds * 1000;
}

/** @param {Response} response @param {any} body */
function errorOf(response, body) {
  return new ParlorError({
    status: response.status,
    code: body?.code ?? "not_parlor",
    detail: body?.detail ?? body?.title,
    fields: body?.fields,
    retryMs: retryAfter(response),
  });
}

/**
 * The JSON of an answer; null for 204.  Throws a ParlorError for any other answer.
 *
 * @param {Response} response
 */
async function readAnswer(response) {
  if (response.status === 204) return null;
  const text = await response.text();
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {
    throw errorOf(response, null);
  }
  if (!response.ok) throw errorOf(response, body);
  return body;
}

/**
 * Why there was no answer: it was late, the caller ended the request, or else.
 *
 * @param {URL} url
 * @param {{ late: boolean, ended: boolean }} how
 */
async function noAnswerError(url, { late, ended }) {
  if (late) return new ParlorError({ code: "timeout" });
  if (ended || !(await isOriginRefused(url))) return new ParlorError({ code: "unreachable" });
  const detail = `The server refuses pages of ${globalThis.location.origin}: its setting cors_origins does not list it.`;
  return new ParlorError({ code: "origin_not_allowed", detail });
}

/**
 * Sends a request and returns the JSON of the answer, or null.  It gives up
 * after `ms`, and when one of `signals` is aborted.
 *
 * @param {URL} url
 * @param {RequestInit & { signals?: AbortSignal[], ms?: number }} options
 * @returns {Promise<any>}
 */
export async function sendRequest(url, { signals = [], ms = REQUEST_MS, ...options }) {
  const canceled = new AbortController();
  const unlink = linkAbort(canceled, signals);
  let late = false;
  const limit = setTimeout(() => {
    late = !canceled.signal.aborted;
    canceled.abort();
  }, ms);
  try {
    const response = await fetch(url, { cache: "no-store", ...options, signal: canceled.signal });
    return await readAnswer(response);
  } catch (error) {
    if (error instanceof ParlorError) throw error;
    throw await noAnswerError(url, { late, ended: canceled.signal.aborted });
  } finally {
    clearTimeout(limit);
    unlink();
  }
}
