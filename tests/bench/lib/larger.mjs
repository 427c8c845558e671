/* The scenarios about large numbers: of messages, rooms, streams that return. */
import { setTimeout as pause } from "node:timers/promises";
import { STREAMS_MAX } from "./candidates.mjs";
import { FILLED } from "./fill.mjs";
import { load } from "./load.mjs";

const QUIET_MS = 600_000;
const page = (limit) => `/api/v1/rooms/${FILLED}/messages?limit=${limit}`;

export const MANY_ROOMS = Math.min(20_000, STREAMS_MAX);

/* The poller ends and starts again under 10,000 streams. */
const restart = (stop) => async (parlor) => {
  const options = { rooms: 1000, readers: 10, people: 10, posters: 4, rate: 50, retry: 500, measure: 12_000 };
  const running = load({ address: parlor.address, dialect: parlor.dialect, pids: [] }, options, 1);
  await running.program.line(/^load: open$/m, QUIET_MS);
  await pause(1000);
  await stop(parlor.server);
  await parlor.server.launch();
  const { failed, ...found } = await running.result();
  return { ...found, refused_meanwhile: failed };
};

function restarts(how, stop) {
  const arm = { name: "parlor", form: "parlor", start: { streams: 10_000 }, measure: restart(stop) };
  return { name: `T9 ${how}`, ids: ["T9"], arms: [arm] };
}

function amongRooms(rooms) {
  const options = { rooms, readers: 1, posters: 4, rate: 500, idle: 3000, measure: 5000, "post-rooms": 20 };
  return { name: `${rooms} rooms`, form: "parlor", start: { streams: MANY_ROOMS, more: { hb_ms: QUIET_MS } }, options };
}

async function startAgain(parlor) {
  await parlor.server.stop();
  const begin = performance.now();
  await parlor.server.launch();
  await (await fetch(`${parlor.server.api}/health`)).text();
  return { start_ms: performance.now() - begin };
}

/*
 * CPU of parlor-api for a page, in us, and beyond that for a page of one message.
 * A health check is no measure: it passes a write to the writer, and costs as much.
 */
async function pageCost(apache, bench) {
  const api = { address: apache.address, dialect: apache.dialect, pids: [apache.api.pid] };
  const cost = async (path) => {
    const found = await load(api, { mode: "get", room: FILLED, path, measure: bench.time(3000) }, null).result();
    if (found.failed > 0) throw new Error(`${path} was refused`);
    return found.cpu_us_per_message;
  };
  const one = await cost(page(1));
  const whole = await cost(page(50));
  return { page_us: whole - one, whole_us: whole };
}

function history(messages) {
  return { name: String(messages), form: "apache", pinned: false, start: { filled: messages }, measure: pageCost };
}

export const LARGER = [
  restarts("stop", (server) => server.stop()),
  restarts("SIGKILL", (server) => server.kill()),
  { name: "T10", ids: ["T10"], arms: [20, MANY_ROOMS].map(amongRooms) },
  { name: "T11", ids: ["T11"], standing: true, arms: [{ name: "parlor", form: "parlor", start: { filled: 1_000_000 }, measure: startAgain }] },
  { name: "T8", ids: ["T8"], standing: true, arms: [10_000, 1_000_000, 5_000_000].map(history) },
];
