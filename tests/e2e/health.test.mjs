// parts: e2e san
/* `parlor health`, which a container's health check runs. */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { join } from "node:path";
import { onServer, sentence, withStoppedServer } from "./lib/scene.mjs";

/* Runs `parlor health` with WORDS, which ends with CODE. */
async function health(server, words, code = 0) {
  const program = server.program("parlor", ["health", ...words]);
  await program.done(code);
  return { out: String(program.stdout), err: program.stderr };
}

/* Calls FN with the address of a service that answers WORDS, or nothing. */
async function beside(words, fn) {
  const service = createServer((socket) => socket.once("data", () => socket.end(words)).on("error", () => {}));
  await new Promise((listens) => service.listen(0, "127.0.0.1", listens));
  try {
    await fn(`127.0.0.1:${service.address().port}`);
  } finally {
    await new Promise((closed) => service.close(closed));
  }
}

const alone = (name, fn) => sentence(name, () => withStoppedServer({}, fn), { needs: "embedded" });

onServer({})("parlor health asks the service at its address, also where that means all networks", async ({ server }) => {
  for (const host of ["127.0.0.1", "0.0.0.0", "localhost"]) {
    const { out } = await health(server, ["--listen", `${host}:${server.port}`]);
    const { status, storage } = JSON.parse(out);
    assert.deepEqual({ status, storage }, { status: "ok", storage: "ok" }, host);
  }
}, { needs: "embedded" });

alone("parlor health asks on a unix socket", async (server) => {
  server.address = `unix:${join(server.dir, "parlor.sock")}`;
  await server.launch();
  const { out } = await health(server, ["--listen", server.address]);
  assert.equal(JSON.parse(out).status, "ok");
  await server.stop();
});

alone("parlor health fails where nothing listens, and says where it has asked", async (server) => {
  for (const address of ["127.0.0.1:1", `unix:${join(server.dir, "none.sock")}`]) {
    const { out, err } = await health(server, ["--listen", address], 1);
    assert.equal(out, "");
    assert.match(err, new RegExp(`parlor-poller does not answer" address="${address}" error=`));
  }
  assert.match((await health(server, ["--listen", "8080"], 2)).err, /has a host and a port/);
  assert.match((await health(server, ["now"], 2)).err, /too many arguments/);
});

alone("parlor health fails when the answer is not 200, and prints it", async (server) => {
  await beside('HTTP/1.1 503 Service Unavailable\r\n\r\n{"status":"failing"}', async (address) => {
    assert.equal((await health(server, ["--listen", address], 1)).out, '{"status":"failing"}\n');
  });
});

alone("parlor health fails when something else listens there", async (server) => {
  for (const words of ["SSH-2.0-x\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n", ""])
    await beside(words, async (address) => {
      assert.match((await health(server, ["--listen", address], 1)).err, /is not parlor-poller" address=/);
    });
});
