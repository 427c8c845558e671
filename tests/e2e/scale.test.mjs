// parts: alone
/*
 * The cost of ten thousand idle streams, and how soon a message to one of a
 * thousand rooms arrives. tests/load opens the streams.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { sentence } from "./lib/scene.mjs";
import { BUILD, Program, environment } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const ROOMS = 1000;
const READERS = 10;
const STREAMS = ROOMS * READERS;
const MESSAGES = 500;
const BYTES_PER_STREAM = 1024;
/* Ten thousand people join first. */
const LIMIT_MS = 240_000;

async function load(server) {
  const args = ["--server", server.address, "--rooms", ROOMS, "--readers", READERS, "--people", READERS,
    "--heard", 1, "--messages", MESSAGES, "--pid", server.pid].map(String);
  const program = new Program(join(BUILD, "tests/load/load"), args, { env: environment() });
  await until(() => program.ended, "the load has been served", LIMIT_MS);
  await program.done(0);
  return JSON.parse(program.stdout.toString());
}

sentence(`T2 T3 ${STREAMS} idle streams cost at most 1 KB each; a message to one of ${ROOMS} rooms reaches its ${READERS} readers`, async (s) => {
  const settings = { streams_per_token: STREAMS, streams_max: STREAMS + 100, join_lease_ms: 600_000, hb_ms: 60_000 };
  const found = await load(await s.serve({ settings }));
  const { pss_per_stream, delivery_ms, heard, lost, duplicated, late, strayed } = found;
  console.log(`${STREAMS} idle streams: ${pss_per_stream.toFixed(0)} bytes of the poller's own memory each`);
  console.log(`post to frame, ${MESSAGES} messages to one of ${ROOMS} rooms each: p50 ${delivery_ms.p50} ms, p99 ${delivery_ms.p99} ms`);
  assert.deepEqual({ heard, lost, duplicated, late, strayed },
    { heard: MESSAGES * READERS, lost: 0, duplicated: 0, late: 0, strayed: 0 }, "each reader has each message, once");
  assert.ok(pss_per_stream <= BYTES_PER_STREAM, `${pss_per_stream} bytes a stream`);
});
