/* The targets about large numbers: of messages, rooms, streams that return. */
import { setTimeout as pause } from "node:timers/promises";
import { STREAMS_MAX, CANDIDATES } from "./candidates.mjs";
import { FILLED, fill } from "./fill.mjs";
import { load } from "./load.mjs";
import { median, mid, number } from "./table.mjs";

const QUIET_MS = 600_000;

async function restartOnce(b, what, stop) {
  const parlor = await CANDIDATES.parlor({ cpu: 0, streams: 10_000 });
  try {
    const options = { rooms: 1000, readers: 10, people: 10, posters: 4, rate: 50, retry: 500, measure: 12_000 };
    const running = load({ address: parlor.address, dialect: parlor.dialect, pids: [] }, options, 1);
    await running.program.line(/^load: open$/m, QUIET_MS);
    await pause(1000);
    await stop(parlor.server);
    await parlor.server.launch();
    const { failed, ...found } = await running.result();
    b.keep(what, "parlor", { ...found, refused_meanwhile: failed });
  } finally {
    await parlor.end();
  }
}

async function T9(b) {
  for (const [how, stop] of [["a stop", (server) => server.stop()], ["SIGKILL", (server) => server.kill()]]) {
    const what = `T9 ${how}`;
    for (let round = 0; round < b.rounds; round++) await restartOnce(b, what, stop);
    const { parlor } = b.samples[what];
    const seconds = mid(parlor, (one) => one.outage_s);
    const back = parlor.every((one) => one.reopened >= one.streams);
    b.row("T9", `10,000 streams after ${how}: s from the first that ended to the last that is back`, "<= 10", number(seconds), back && seconds <= 10);
  }
}

/* CPU of a message beyond the cost of as many streams without messages. */
function costOfMessage(one) {
  return ((one.server_cpu - one.idle_cpu) / one.messages_per_s) * 1e6;
}

async function T10(b) {
  const many = Math.min(20_000, STREAMS_MAX);
  const options = { readers: 1, posters: 4, rate: 500, idle: 3000, measure: b.time(5000), "post-rooms": 20 };
  const start = { streams: many, more: { hb_ms: QUIET_MS } };
  const of = { 20: [], [many]: [] };
  for (let round = 0; round < b.rounds; round++)
    for (const rooms of [20, many]) {
      const what = `T10 ${rooms}`;
      await b.once(what, "parlor", { ...options, rooms }, { start });
      of[rooms].push(costOfMessage(b.samples[what].parlor.at(-1)));
    }
  const more = median(of[many].map((cost, i) => cost / of[20][i]));
  b.row("T10", `a message to a room among ${number(many)} by one among 20: CPU (${number(median(of[many]))} us)`, "<= 1.3 x", `${number(more)} x`, more <= 1.3);
}

async function T11(b) {
  const parlor = await CANDIDATES.parlor({ cpu: 0, filled: 1_000_000 });
  const took = [];
  try {
    for (let round = 0; round < b.rounds; round++) {
      await parlor.server.stop();
      const begin = performance.now();
      await parlor.server.launch();
      await (await fetch(`${parlor.server.api}/health`)).text();
      took.push(performance.now() - begin);
    }
  } finally {
    await parlor.end();
  }
  b.samples.T11 = { parlor: took };
  b.row("T11", "start on 1,000,000 messages: ms to the first answer", "<= 100", number(median(took)), median(took) <= 100);
}

const PAGE = `/api/v1/rooms/${FILLED}/messages?limit=50`;

/* CPU of parlor-api for a page, and for its cheapest request, in us. */
async function pageCost(b, messages) {
  const what = `T8 ${messages}`;
  const apache = await CANDIDATES.apache({ cpu: null, filled: messages });
  const costs = [];
  try {
    const api = { address: apache.address, dialect: apache.dialect, pids: [apache.api.pid] };
    for (let round = 0; round < b.rounds; round++) {
      const of = {};
      for (const path of ["/api/v1/health", PAGE]) {
        const found = await load(api, { mode: "get", room: FILLED, path, measure: b.time(3000) }, null).result();
        b.keep(what, "apache", found);
        of[path] = found.cpu_us_per_message;
      }
      costs.push(of[PAGE] - of["/api/v1/health"]);
    }
  } finally {
    await apache.end();
  }
  return median(costs);
}

async function T8(b) {
  const small = await pageCost(b, 10_000);
  for (const messages of [1_000_000, 5_000_000]) {
    const cost = await pageCost(b, messages);
    const what = `the last 50 of ${number(messages)} messages: CPU us in parlor-api, beyond a health check's`;
    b.row("T8", what, "<= 60", number(cost), cost <= 60);
    b.row("T8", `the same by that of 10,000 (${number(small)} us)`, "<= 1.3 x", `${number(cost / small)} x`, cost <= 1.3 * small);
  }
}

export const LARGER = [
  { ids: ["T9"], run: T9, full: true },
  { ids: ["T10"], run: T10, full: true },
  { ids: ["T11"], run: T11, full: true },
  { ids: ["T8"], run: T8, full: true },
];
