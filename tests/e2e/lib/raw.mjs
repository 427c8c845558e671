/* Plain sockets, for requests that no well-behaved client sends. */
import net from "node:net";
import { until } from "./wait.mjs";

const HEAD = /^HTTP\/1\.[01] (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n/;
const CHUNKS = /^(?:[0-9a-f]+\r\n[^]*?\r\n)*?0\r\n\r\n/i;

/*
 * The status codes of the answers in RECEIVED. They are separated as a client
 * does it, by their lengths; nothing counts after one that closes the
 * connection.
 */
export function statuses(received) {
  const all = [];
  let rest = received;
  for (;;) {
    const head = HEAD.exec(rest);
    if (!head) return all;
    const [whole, status, fields] = head;
    all.push(Number(status));
    rest = rest.slice(whole.length);
    const length = /^content-length: (\d+)\r$/im.exec(fields);
    if (length) rest = rest.slice(Number(length[1]));
    else if (/^transfer-encoding: chunked\r$/im.test(fields)) rest = rest.replace(CHUNKS, "");
    else if (status >= 200) return all;
    if (/^connection: close\r$/im.test(fields)) return all;
  }
}

export class Raw {
  received = "";
  closed = false;
  error = null;

  constructor(server) {
    this.began = performance.now();
    this.socket = net.connect(server.port, "127.0.0.1");
    this.socket.setNoDelay(true);
    this.socket.on("data", (data) => (this.received += data.toString("latin1")));
    this.socket.on("error", (error) => (this.error = error));
    this.socket.on("close", () => this.#close());
  }

  #close() {
    this.closed = true;
    this.lasted = performance.now() - this.began;
    clearInterval(this.drip);
  }

  send(text) {
    this.socket.write(text, "latin1");
    return this;
  }

  /* Sends TEXT over and over, one byte every EACH ms, until the connection closes. */
  trickle(text, each) {
    let at = 0;
    this.drip = setInterval(() => this.socket.write(text[at++ % text.length]), each);
    return this;
  }

  /* The status codes of the answers so far. */
  get answers() {
    return statuses(this.received);
  }

  answered() {
    return until(() => this.answers.length > 0, "an answer");
  }

  end() {
    return until(() => this.closed, "the connection is closed");
  }

  destroy() {
    clearInterval(this.drip);
    this.socket.destroy();
  }
}
