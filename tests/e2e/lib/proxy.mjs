/*
 * A hop between client and server that misbehaves on request: it cuts what
 * runs through it, or answers some targets itself as a poor host would.
 */
import http from "node:http";
import net from "node:net";

function listen(server) {
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server.address().port)));
}

/* Passes bytes on; cut() breaks every connection that is open. */
export async function cutter(port) {
  const pairs = new Set();
  const server = net.createServer((client) => {
    const upstream = net.connect(port, "127.0.0.1");
    const pair = [client, upstream];
    pairs.add(pair);
    for (const [one, other] of [pair, [...pair].reverse()]) {
      one.on("error", () => {});
      one.on("close", () => {
        other.destroy();
        pairs.delete(pair);
      });
      one.pipe(other);
    }
  });
  const own = await listen(server);
  const cut = () => {
    const n = pairs.size;
    for (const [client, upstream] of pairs) {
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    }
    return n;
  };
  return { port: own, url: `http://127.0.0.1:${own}`, cut, close: () => (cut(), server.close()) };
}

/* Answers 502 to every target that REFUSES names; counts what it passes on. */
export async function poorHost(port, refuses) {
  const passed = [];
  const server = http.createServer((request, response) => {
    if (refuses(request.url)) {
      response.writeHead(502, { "Content-Type": "text/html" }).end("<h1>Bad Gateway</h1>");
      return;
    }
    passed.push(request.url);
    const { method, headers, url: path } = request;
    const upstream = http.request({ host: "127.0.0.1", port, method, headers, path }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    upstream.on("error", () => response.destroy());
    response.on("close", () => upstream.destroy());
    request.pipe(upstream);
  });
  const own = await listen(server);
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${own}`, passed, close };
}
