/*
 * The targets: a row each, with what counts as reached.
 *
 * A row's judge gets X, the samples of its scenario, and returns what was
 * reached, whether that is enough (null: there is no target), and the ratio to
 * nchan.  Reasons for a miss are kept by the row's key (reasons.mjs).
 */
import { MANY_ROOMS } from "./larger.mjs";
import { mid, median, number, ratios, times } from "./table.mjs";

const rate = (one) => one.deliveries_per_s;
const cost = (one) => one.cpu_s_per_million_deliveries;
const posts = (one) => one.messages_per_s;
const p50 = (one) => one.delivery_ms.p50;
const p99 = (one) => one.delivery_ms.p99;
const answer99 = (one) => one.answer_ms.p99;
const core = (one) => one.server_cpu * 100;

/* The median of the ratio of two arms in each round. */
export function by(x, arm, peer, of) {
  return median(ratios(x.arms[arm], x.arms[peer], of));
}

function peerRatio(x, arm, of) {
  if (!x.arms.nchan || arm === "nchan") return undefined;
  const ratio = by(x, arm, "nchan", of);
  return Number.isFinite(ratio) ? times(ratio) : undefined;
}

/* LEAST or MOST: by the PEER, in each round. */
export function beside(peer, { arm = "parlor", of, least, most, ...row }) {
  const target = least === undefined ? `<= ${most} x ${peer}` : `>= ${least} x ${peer}`;
  const judge = (x) => {
    const ratio = by(x, arm, peer, of);
    const reached = peer === "nchan" ? number(mid(x.arms[arm], of)) : times(ratio);
    return { reached, ok: least === undefined ? ratio <= most : ratio >= least, ratio: peerRatio(x, arm, of) };
  };
  return { ...row, target, judge };
}

/* LEAST or MOST: the value itself; neither: for orientation. */
export function value({ arm = "parlor", of, least, most, ...row }) {
  const target = least !== undefined ? `>= ${number(least)}` : most !== undefined ? `<= ${number(most)}` : "-";
  const judge = (x) => {
    const reached = mid(x.arms[arm], of);
    const ok = least !== undefined ? reached >= least : most !== undefined ? reached <= most : null;
    return { reached: number(reached), ok, ratio: peerRatio(x, arm, of) };
  };
  return { ...row, target, judge };
}

/* MOST: ms beyond a sync of the disk, as it was measured in the same run. */
export function beyondSync({ arm = "parlor", of, most, ...row }) {
  const judge = (x) => {
    const reached = mid(x.arms[arm], of);
    return { reached: number(reached), ok: reached <= x.sync + most, ratio: peerRatio(x, arm, of) };
  };
  return { ...row, target: `<= fd + ${most} ms`, judge };
}

/* One arm by another, at most MOST. */
function grows({ arm, base, of, most, ...row }) {
  const judge = (x) => {
    const ratio = by(x, arm, base, of);
    return { reached: times(ratio), ok: ratio <= most };
  };
  return { ...row, target: `<= ${most} x`, judge };
}

function fanOut(scenario, readers) {
  const room = `a room of ${number(readers)}, one publisher`;
  return [
    beside("nchan", { key: `${scenario} rate`, scenario, what: `${room}: deliveries/s`, of: rate, least: 1.6 }),
    beside("nchan", { key: `${scenario} CPU`, scenario, what: `${room}: CPU-s for 1 M deliveries`, of: cost, most: 0.6 }),
    beside("floor", { key: `${scenario} floor`, scenario, what: `${room}: deliveries/s by the bare epoll loop`, of: rate, least: 0.9 }),
  ];
}

function thousandRooms(perSecond, most99, mostCpu) {
  const scenario = `T2 ${perSecond}`;
  const what = `1,000 rooms of 10, ${number(perSecond)} messages/s`;
  return [
    beyondSync({ key: `${scenario} p50`, scenario, what: `${what}: p50 ms`, of: p50, most: 0.5 }),
    value({ key: `${scenario} p99`, scenario, what: `${what}: p99 ms`, of: p99, most: most99 }),
    beside("nchan", { key: `${scenario} CPU`, scenario, what: `${what}: CPU-s for 1 M deliveries`, of: cost, most: mostCpu }),
  ];
}

function frames(batch, most) {
  const scenario = `T4 frames ${batch}`;
  const what = `the store alone, 1,000 rooms, batches of ${batch}: frames of the log a message`;
  return value({ key: scenario, scenario, arm: "store", what, of: (one) => one.frames, most });
}

function throughApache(posters, most) {
  const scenario = `T5 ${posters}`;
  const row = { scenario, arm: "apache" };
  const what = `through Apache and FastCGI, ${posters} connections`;
  return [
    value({ ...row, key: `${scenario} rate`, what: `${what}: messages/s`, of: posts, least: 6500 }),
    value({ ...row, key: `${scenario} p99`, what: `${what}: p99 ms`, of: answer99, most }),
  ];
}

function stored(scenario, where, least, cpu) {
  const what = `durable, nobody reads, ${where}`;
  return [
    value({ key: `${scenario} rate`, scenario, what: `${what}: messages/s`, of: posts }),
    beside("store", { key: `${scenario} store`, scenario, what: `${what}: messages/s by the store floor`, of: posts, least }),
    value({ key: `${scenario} CPU`, scenario, what: `${what}: CPU us a message`, of: (one) => one.cpu_us_per_message, most: cpu }),
    value({ key: `${scenario} p99`, scenario, what: `${what}: p99 ms`, of: answer99 }),
  ];
}

const messageCost = (one) => one.server_cpu - one.idle_cpu;

/* 200 clients that read nothing, 200 that drip, 200 that are half open. */
function besieged(form) {
  const scenario = `T12 ${form}`;
  const row = { scenario, arm: form === "embedded" ? "parlor" : "apache" };
  return [
    value({ ...row, key: `${scenario} p99`, what: `600 hostile clients, ${form}: others' p99 by that without them`, of: (one) => one.p99_by_before, most: 2 }),
    value({ ...row, key: `${scenario} memory`, what: `the same: MB more memory`, of: (one) => one.more_mb, most: 64 }),
  ];
}

export const ROWS = [
  ...fanOut("T1 5000", 5000),
  ...fanOut("T1 10000", 10_000),
  value({ key: "T1 ahead rate", scenario: "T1 ahead", what: "the publisher does not wait for the readers: deliveries/s", of: rate }),
  value({ key: "T1 ahead p50", scenario: "T1 ahead", what: "the same: how far the readers are behind, p50 ms", of: p50 }),
  value({ key: "T1b rate", scenario: "T1b", what: "a room of 5,000, 16 publishers: deliveries/s", of: rate }),
  beside("floor", { key: "T1b floor", scenario: "T1b", what: "the same by the bare epoll loop", of: rate, least: 0.9 }),
  ...thousandRooms(500, 5, 1),
  ...thousandRooms(2000, 10, 0.8),
  value({ key: "T3 bytes", scenario: "T2 500", what: "10,000 idle streams, each another person: bytes of the poller's memory each", of: (one) => one.pss_per_stream, most: 800 }),
  value({ key: "T3 CPU", scenario: "T2 500", what: "10,000 idle streams: % of a core", of: (one) => one.idle_cpu * 100, most: 2 }),
  beside("nchan", { key: "T2c rate", scenario: "T2c", what: "1,000 rooms of 10: the highest rate with p99 <= 20 ms", of: (one) => one.highest_rate, least: 1.2 }),
  ...stored("T4 16", "16 connections, one room", 0.5),
  ...stored("T4 64", "64 connections, one room", 0.5, 55),
  ...stored("T4 16 rooms", "16 connections, 1,000 rooms", 0.8),
  ...stored("T4 64 rooms", "64 connections, 1,000 rooms", 0.8, 55),
  frames(4, 2.4),
  frames(64, 1.6),
  ...throughApache(16, 15),
  ...throughApache(64, 30),
  beyondSync({ key: "T6 p50", scenario: "T6", what: "one reader, 50 messages/s: p50 ms from POST to frame", of: p50, most: 0.4 }),
  beyondSync({ key: "T6 apache p50", scenario: "T6 apache", arm: "apache", what: "the same through Apache", of: p50, most: 1 }),
  beyondSync({ key: "T7 p50", scenario: "T7", what: "2,000 long polls in 200 rooms, 200 messages/s: p50 ms", of: p50, most: 0.5 }),
  beside("nchan", { key: "T7 CPU", scenario: "T7", what: "the same: % of a core", of: core, most: 1 }),
  value({ key: "T7 kept", scenario: "T7", what: "the same: new connections for 100 polls", of: (one) => (100 * (one.poll_dials - one.streams)) / one.poll_answers, most: 1 }),
  value({ key: "T8 us", scenario: "T8", arm: "1000000", what: "the last 50 of 1,000,000 messages: CPU us in parlor-api, beyond a page of one", of: (one) => one.page_us }),
  value({ key: "T8 whole", scenario: "T8", arm: "1000000", what: "the same, all of it", of: (one) => one.whole_us }),
  grows({ key: "T8 million", scenario: "T8", arm: "1000000", base: "10000", what: "all of it by that of 10,000 messages", of: (one) => one.whole_us, most: 1.3 }),
  grows({ key: "T8 five", scenario: "T8", arm: "5000000", base: "10000", what: "that of 5,000,000 messages by that of 10,000", of: (one) => one.whole_us, most: 1.3 }),
  value({ key: "T9 stop", scenario: "T9 stop", what: "10,000 streams after a stop: s from the first that ended to the last that is back", of: (one) => one.outage_s, most: 2 }),
  value({ key: "T9 SIGKILL", scenario: "T9 SIGKILL", what: "the same after SIGKILL", of: (one) => one.outage_s, most: 2 }),
  grows({ key: "T10 CPU", scenario: "T10", arm: `${MANY_ROOMS} rooms`, base: "20 rooms", what: `a message to a room among ${number(MANY_ROOMS)} by one among 20: CPU`, of: messageCost, most: 1.3 }),
  ...["embedded", "Apache"].flatMap((form) => besieged(form)),
  value({ key: "T11 ms", scenario: "T11", what: "start on 1,000,000 messages: ms to the first answer", of: (one) => one.start_ms, most: 50 }),
];

/* The rows whose scenario has SAMPLES; SYNCS: of the disk, in ms, in each scenario. */
export function judged(rows, { samples, syncs, reasons }) {
  return rows.filter((row) => samples[row.scenario]).map(({ key, scenario, what, target, judge }) => ({
    key, id: key.split(" ")[0], what, target, reason: reasons[key], ...judge({ arms: samples[scenario], sync: median(syncs[scenario]) }),
  }));
}
