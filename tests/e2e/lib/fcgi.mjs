/*
 * The web server's side of FastCGI (specification 1.0, chapters 3, 5 and 6):
 * one request on one connection, as mod_proxy_fcgi does without reuse.
 */
import net from "node:net";
import { within } from "./wait.mjs";

const BEGIN = 1;
const END = 3;
const PARAMS = 4;
export const STDIN = 5;
const STDOUT = 6;
const STDERR = 7;
const RESPONDER = 1;
export const HEADER = 8;
const CONTENT_MAX = 65535;

export function record(type, content, id = 1) {
  const header = Buffer.alloc(HEADER);
  header[0] = 1;
  header[1] = type;
  header.writeUInt16BE(id, 2);
  header.writeUInt16BE(content.length, 4);
  return Buffer.concat([header, content]);
}

/* CONTENT in as many records as it needs, and the empty one that ends it. */
function streamed(type, content) {
  const records = [];
  for (let at = 0; at < content.length; at += CONTENT_MAX)
    records.push(record(type, content.subarray(at, at + CONTENT_MAX)));
  return Buffer.concat([...records, record(type, Buffer.alloc(0))]);
}

function length(n) {
  if (n < 128) return Buffer.from([n]);
  const long = Buffer.alloc(4);
  long.writeUInt32BE((n | 0x80000000) >>> 0);
  return long;
}

export function pairs(params) {
  const parts = Object.entries(params).flatMap(([name, value]) => {
    const [n, v] = [Buffer.from(name), Buffer.from(String(value))];
    return [length(n.length), length(v.length), n, v];
  });
  return Buffer.concat(parts);
}

/* Splits the bytes received into whole records; REST is the incomplete one. */
export function records(bytes) {
  const all = [];
  let at = 0;
  while (bytes.length - at >= HEADER) {
    const size = bytes.readUInt16BE(at + 4);
    const end = at + HEADER + size + bytes[at + 6];
    if (bytes.length < end) break;
    all.push({ type: bytes[at + 1], content: bytes.subarray(at + HEADER, at + HEADER + size) });
    at = end;
  }
  return { all, rest: bytes.subarray(at) };
}

/* The answer of a CGI or FastCGI program: headers, an empty line, a body. */
export function parseAnswer(bytes) {
  const text = bytes.toString("utf8");
  const gap = /\r?\n\r?\n/.exec(text);
  if (!gap) throw new Error(`no header of a CGI answer: ${JSON.stringify(text.slice(0, 200))}`);
  const headers = new Headers();
  for (const line of text.slice(0, gap.index).split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon < 1) throw new Error(`no header: ${JSON.stringify(line)}`);
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const status = Number.parseInt(headers.get("status") ?? "200", 10);
  return { status, headers, text: text.slice(gap.index + gap[0].length) };
}

/* The answer in BYTES, all that came on a connection. */
export function parseRecords(bytes) {
  const { all, rest } = records(bytes);
  if (rest.length > 0 || all.at(-1)?.type !== END)
    throw new Error(`FastCGI: cut off after ${bytes.length} bytes`);
  const errors = Buffer.concat(all.filter(({ type }) => type === STDERR).map((r) => r.content));
  if (errors.length > 0) throw new Error(`FastCGI stderr: ${errors}`);
  return parseAnswer(Buffer.concat(all.filter(({ type }) => type === STDOUT).map((r) => r.content)));
}

/* The CGI variables (RFC 3875) of a request, as Apache gives them. */
export function variables(method, target, headers = {}, length = 0) {
  const [path, query = ""] = target.split("?");
  const all = {
    GATEWAY_INTERFACE: "CGI/1.1",
    SERVER_PROTOCOL: "HTTP/1.1",
    SERVER_SOFTWARE: "tests",
    SERVER_NAME: "localhost",
    SERVER_PORT: "80",
    REMOTE_ADDR: "127.0.0.1",
    REQUEST_METHOD: method,
    REQUEST_URI: target,
    SCRIPT_NAME: "",
    PATH_INFO: path,
    QUERY_STRING: query,
  };
  if (length > 0) all.CONTENT_LENGTH = String(length);
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toUpperCase().replaceAll("-", "_");
    all[key === "CONTENT_TYPE" ? key : `HTTP_${key}`] = value;
  }
  return all;
}

/* Opens a connection; `answer` is everything received until the other side closes. */
export function open(socket) {
  const connection = net.connect(socket);
  const chunks = [];
  const answer = new Promise((done, failed) => {
    connection.on("data", (data) => chunks.push(data));
    connection.on("error", failed);
    connection.on("close", () => done(Buffer.concat(chunks)));
  });
  return { connection, answer };
}

function exchange(socket, raw) {
  const { connection, answer } = open(socket);
  connection.write(raw);
  return answer;
}

export function requestBytes(params, body) {
  return Buffer.concat([
    record(BEGIN, Buffer.from([0, RESPONDER, 0, 0, 0, 0, 0, 0])),
    streamed(PARAMS, pairs(params)),
    streamed(STDIN, body),
  ]);
}

/* The door (client.mjs) to a FastCGI socket. */
export function fastcgi(socket) {
  return async (method, target, headers, body = "") => {
    const stdin = Buffer.from(body);
    const params = variables(method, target, headers, stdin.length);
    const bytes = await within(
      exchange(socket, requestBytes(params, stdin)),
      `FastCGI answers ${method} ${target}`,
    );
    return parseRecords(bytes);
  };
}
