/*
 * What is measured at growing numbers, as scenarios for lib/rounds.mjs, and the
 * plots that are made of it.
 */
import { STREAMS_MAX } from "./candidates.mjs";
import { FILLED } from "./fill.mjs";
import { load } from "./load.mjs";

const QUIET_MS = 600_000;
const UP_TO_20_K = [1000, 2000, 5000, 10_000, 20_000].map((n) => Math.min(n, STREAMS_MAX));
const HISTORY = [10_000, 100_000, 1_000_000, 5_000_000];
const PRESENCE = [100, 1000, 10_000, 100_000];
const PRESENCE_ROOMS = 100;

const at = (n, rest) => ({ name: String(n), form: "parlor", ...rest });

const subscribers = (n) => at(n, {
  start: { streams: n, more: { hb_ms: QUIET_MS } },
  options: { readers: n, people: 50, heard: 1, idle: 2000, measure: 3000 },
});

const rooms = (n) => at(n, {
  start: { streams: n, more: { hb_ms: QUIET_MS } },
  options: { rooms: n, readers: 1, posters: 4, rate: 500, idle: 2000, measure: 3000, "post-rooms": 20 },
});

/* Nobody reads, and nobody's lease ends: only rows. */
const presence = (n) => at(n, {
  options: { rooms: PRESENCE_ROOMS, people: n / PRESENCE_ROOMS, posters: 4, rate: 500, idle: 3000, measure: 3000 },
});

async function pageCost(parlor, bench) {
  const path = `/api/v1/rooms/${FILLED}/messages?limit=50`;
  const found = await load(parlor, { mode: "get", room: FILLED, path, measure: bench.time(2000) }, 1).result();
  if (found.failed > 0) throw new Error(`${path} was refused`);
  return { page_us: found.cpu_us_per_message };
}

async function historyCost(parlor, bench) {
  await parlor.server.stop();
  const begin = performance.now();
  await parlor.server.launch();
  await (await fetch(`${parlor.server.api}/health`)).text();
  const start_ms = performance.now() - begin;
  const posted = await load(parlor, { room: FILLED, posters: 4, rate: 500, measure: bench.time(2000) }, 1).result();
  return { start_ms, message_us: posted.cpu_us_per_message, ...(await pageCost(parlor, bench)) };
}

const history = (n) => at(n, { start: { filled: n }, measure: historyCost });

export const GROWTH = [
  { name: "subscribers", arms: [...new Set(UP_TO_20_K)].map(subscribers) },
  { name: "rooms", arms: [...new Set(UP_TO_20_K)].map(rooms) },
  { name: "history", standing: true, arms: HISTORY.map(history) },
  { name: "presence", arms: PRESENCE.map(presence) },
];

const messageCost = (one) => ((one.server_cpu - one.idle_cpu) / one.messages_per_s) * 1e6;

/*
 * The largest exponent of the number that a cost may grow with: what should be
 * constant or logarithmic stays far below 1, which is linear.
 */
export const EXPONENT_MAX = 0.25;

export const PLOTS = [
  { file: "growth-subscribers", of: "subscribers", title: "A delivery to one of many readers", xName: "readers of the room", yName: "CPU, us", value: (one) => one.cpu_s_per_million_deliveries },
  { file: "growth-streams", of: "subscribers", title: "Memory of an idle stream", xName: "streams", yName: "bytes each", value: (one) => one.pss_per_stream },
  { file: "growth-rooms", of: "rooms", title: "A message to a room of one reader", xName: "rooms", yName: "CPU, us", value: messageCost },
  { file: "growth-page", of: "history", title: "A page of the newest 50 messages", xName: "messages in the room", yName: "CPU, us", value: (one) => one.page_us },
  { file: "growth-message", of: "history", title: "A message in a room with a history", xName: "messages in the room", yName: "CPU, us", value: (one) => one.message_us },
  { file: "growth-start", of: "history", title: "From the start to the first answer", xName: "messages in the room", yName: "ms", value: (one) => one.start_ms },
  { file: "growth-presence", of: "presence", title: "A message while many are present", xName: "presence rows", yName: "CPU, us", value: messageCost },
  { file: "growth-idle", of: "presence", title: "An idle server with presence rows", xName: "presence rows", yName: "% of a core", value: (one) => one.idle_cpu * 100 },
];
