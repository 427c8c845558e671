/* Sockets by hand: for requests that no honest client would send. */
import net from "node:net";
import { until } from "./wait.mjs";

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

  /* One byte of TEXT after the other, every EACH ms, for as long as it goes. */
  trickle(text, each) {
    let at = 0;
    this.drip = setInterval(() => this.socket.write(text[at++ % text.length]), each);
    return this;
  }

  /* The status codes of the answers that came. */
  get answers() {
    const lines = this.received.matchAll(/^HTTP\/1\.[01] (\d{3}) /gm);
    return [...lines].map((found) => Number(found[1]));
  }

  answered(limit) {
    return until(() => this.answers.length > 0, "an answer", limit);
  }

  end(limit) {
    return until(() => this.closed, "the connection is closed", limit);
  }

  destroy() {
    clearInterval(this.drip);
    this.socket.destroy();
  }
}
