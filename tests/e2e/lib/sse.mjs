/*
 * A parser of event streams that is stricter than the standard: what a
 * lenient client would mend, or drop without a word, is an error here.
 *
 * One field a line, `name: value`, LF line ends, valid UTF-8; an event has one
 * `event` and one `data` line.  Comments and `retry` are kept apart.
 */
const FIELDS = new Set(["id", "event", "data", "retry"]);

export class SseParser {
  #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #rest = "";
  #frame = {};
  comments = [];
  retry = null;
  position = null; /* the last id that stood alone */

  /* Takes bytes, returns the frames that they complete: {id?, event, data}. */
  push(bytes) {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#rest = lines.pop();
    return lines.map((line) => this.#line(line)).filter(Boolean);
  }

  /* True within a frame, where a stream must not end. */
  get inside() {
    return this.#rest !== "" || Object.keys(this.#frame).length > 0;
  }

  #line(line) {
    if (line.includes("\r") || line.includes("\0"))
      throw new Error(`a stray byte in the line ${JSON.stringify(line)}`);
    if (line === "") return this.#end();
    if (line.startsWith(":")) {
      this.comments.push(line.slice(1));
      return null;
    }
    const colon = line.indexOf(": ");
    const name = line.slice(0, colon);
    if (colon < 0 || !FIELDS.has(name)) throw new Error(`no field of a frame: ${JSON.stringify(line)}`);
    if (name in this.#frame) throw new Error(`${name} twice in a frame`);
    this.#frame[name] = line.slice(colon + 2);
    return null;
  }

  #end() {
    const frame = this.#frame;
    this.#frame = {};
    if ("retry" in frame) {
      if (!/^\d+$/.test(frame.retry)) throw new Error(`retry: ${frame.retry}`);
      this.retry = Number(frame.retry);
      delete frame.retry;
    }
    if (Object.keys(frame).join() === "id") this.position = frame.id;
    if (["", "id"].includes(Object.keys(frame).join())) return null;
    if (!("event" in frame) || !("data" in frame))
      throw new Error(`half a frame: ${JSON.stringify(frame)}`);
    return frame;
  }
}

/* The same for NDJSON, {kind, data, id?} a line; the text of `data` is kept as it is. */
export class NdjsonParser {
  #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #rest = "";

  push(bytes) {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#rest = lines.pop();
    return lines.map(ndjsonFrame);
  }

  get inside() {
    return this.#rest !== "";
  }
}

/* One line, without its end: {event, data, id?}. */
export function ndjsonFrame(line) {
  const found = /^\{(?:"id":"([^"]*)",)?"kind":"([a-z_]+)","data":(\{.*\})\}$/s.exec(line);
  if (!found) throw new Error(`no line of an event: ${JSON.stringify(line)}`);
  const [, id, event, data] = found;
  return id === undefined ? { event, data } : { id, event, data };
}
