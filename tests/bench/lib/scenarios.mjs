/* The targets, each with how it is measured and what counts as reached. */
import { median, mid, number } from "./table.mjs";
import { ratios } from "./rounds.mjs";

const rate = (one) => one.deliveries_per_s;
const cost = (one) => one.cpu_s_per_million_deliveries;
const posts = (one) => one.messages_per_s;
const times = (value) => `${Number(value.toPrecision(3))} x`;

async function fanOut(b, readers) {
  const what = `T1 ${readers}`;
  const options = { readers, people: 50, heard: 1, measure: b.time(4000) };
  const { parlor, nchan, floor } = await b.compare(what, ["parlor", "nchan", "floor"], options, { start: { streams: readers } });
  const faster = median(ratios(parlor, nchan, rate));
  const cheaper = median(ratios(parlor, nchan, cost));
  const toFloor = median(ratios(parlor, floor, rate));
  const room = `a room of ${number(readers)}, one publisher`;
  b.row("T1", `${room}: deliveries/s`, ">= 1.6 x nchan", number(mid(parlor, rate)), faster >= 1.6, times(faster));
  b.row("T1", `${room}: CPU-s for 1 M deliveries`, "<= 0.6 x nchan", number(mid(parlor, cost)), cheaper <= 0.6, times(cheaper));
  b.row("T1", `${room}: to the bare epoll loop (${number(mid(floor, rate))}/s)`, ">= 0.85 x", times(toFloor), toFloor >= 0.85);
}

async function T1(b) {
  await fanOut(b, 5000);
  if (b.quick) return;
  await fanOut(b, 10_000);
  const { parlor, nchan } = await b.compare("T1 ahead", ["parlor", "nchan"], { readers: 5000, people: 50, measure: 2000 }, { start: { streams: 5000 } });
  b.row("T1", "the publisher does not wait for the readers: deliveries/s", "-", number(mid(parlor, rate)), null, times(median(ratios(parlor, nchan, rate))));
  b.row("T1", "the same: how far the readers are behind, p50 ms", "-", number(mid(parlor, (one) => one.delivery_ms.p50)), null,
    times(median(ratios(parlor, nchan, (one) => one.delivery_ms.p50))));
}

async function T1b(b) {
  const options = { readers: 5000, people: 50, posters: 16, heard: 1, measure: b.time(4000) };
  const { parlor, nchan, floor } = await b.compare("T1b", ["parlor", "nchan", "floor"], options, { start: { streams: 5000 } });
  const faster = median(ratios(parlor, nchan, rate));
  const reached = mid(parlor, rate);
  b.row("T1b", "a room of 5,000, 16 publishers: deliveries/s", ">= 400,000 and 4 x nchan", number(reached), faster >= 4 && reached >= 400_000, times(faster));
  const toFloor = median(ratios(parlor, floor, rate));
  b.row("T1b", `to the bare epoll loop (${number(mid(floor, rate))}/s)`, "-", times(toFloor), null);
}

const thousand = { rooms: 1000, readers: 10, people: 10 };

async function T2at(b, perSecond, idle) {
  const options = { ...thousand, posters: 32, rate: perSecond, idle, measure: b.time(5000) };
  const { parlor, nchan } = await b.compare(`T2 ${perSecond}`, ["parlor", "nchan"], options, { start: { streams: 10_000 } });
  const p = (part) => mid(parlor, (one) => one.delivery_ms[part]);
  const what = `1,000 rooms of 10, ${number(perSecond)} messages/s`;
  const slower = (part) => times(median(ratios(parlor, nchan, (one) => one.delivery_ms[part])));
  b.row("T2", `${what}: p50 ms`, "<= 1", number(p("p50")), p("p50") <= 1, slower("p50"));
  b.row("T2", `${what}: p99 ms`, "<= 5", number(p("p99")), p("p99") <= 5, slower("p99"));
  const dearer = median(ratios(parlor, nchan, cost));
  b.row("T2", `${what}: CPU-s for 1 M deliveries`, "<= 1.3 x nchan", number(mid(parlor, cost)), dearer <= 1.3, times(dearer));
  return { parlor, nchan };
}

function idleRows(b, { parlor, nchan }) {
  const bytes = (one) => one.pss_per_stream;
  const each = mid(parlor, bytes);
  b.row("T3", "10,000 idle streams: bytes of the poller's memory each", "<= 1,024", number(each), each <= 1024, times(median(ratios(parlor, nchan, bytes))));
  const cpu = mid(parlor, (one) => one.idle_cpu * 100);
  b.row("T3", "10,000 idle streams: % of a core", "<= 2", number(cpu), cpu <= 2);
}

async function T2T3(b) {
  const idle = b.quick ? 2000 : 10_000;
  idleRows(b, await T2at(b, 500, idle));
  await T2at(b, 2000, 0);
}

function postRows(b, id, what, target, results) {
  const { ours, theirs } = results;
  const reached = mid(ours, posts);
  const p99 = mid(ours, (one) => one.answer_ms.p99);
  const ratio = theirs && times(median(ratios(ours, theirs, posts)));
  b.row(id, `${what}: messages/s`, `>= ${number(target.posts)}`, number(reached), reached >= target.posts, ratio);
  b.row(id, `${what}: p99 ms`, `<= ${target.p99}`, number(p99), p99 <= target.p99);
}

async function T4(b) {
  for (const [posters, target] of [[16, { posts: 12_000, p99: 10 }], [64, { posts: 18_000, p99: 10 }]]) {
    const { parlor, nchan } = await b.compare(`T4 ${posters}`, ["parlor", "nchan"], { posters, measure: b.time(4000) });
    postRows(b, "T4", `durable, nobody reads, ${posters} connections`, target, { ours: parlor, theirs: nchan });
  }
}

async function T5(b) {
  for (const [posters, target] of [[16, { posts: 5000, p99: 15 }], [64, { posts: 5000, p99: 30 }]]) {
    const { apache } = await b.compare(`T5 ${posters}`, ["apache"], { posters, measure: b.time(4000) }, { pinned: false });
    postRows(b, "T5", `through Apache and FastCGI, ${posters} connections`, target, { ours: apache });
  }
}

async function T6(b) {
  const options = { readers: 1, rate: 50, posters: 4, measure: b.time(5000) };
  const half = (one) => one.delivery_ms.p50;
  const { parlor, nchan } = await b.compare("T6", ["parlor", "nchan"], options);
  const direct = mid(parlor, half);
  b.row("T6", "one reader, 50 messages/s: p50 ms from POST to frame", "<= 0.8", number(direct), direct <= 0.8, times(median(ratios(parlor, nchan, half))));
  const { apache } = await b.compare("T6 apache", ["apache"], options, { pinned: false });
  const front = mid(apache, half);
  b.row("T6", "the same through Apache", "<= 1.5", number(front), front <= 1.5);
}

async function T7(b) {
  const options = { mode: "polls", rooms: 200, readers: 10, people: 10, posters: 16, rate: 200, measure: b.time(5000) };
  const { parlor } = await b.compare("T7", ["parlor"], options, { start: { streams: 2000 } });
  const half = mid(parlor, (one) => one.delivery_ms.p50);
  const core = mid(parlor, (one) => one.server_cpu * 100);
  b.row("T7", "2,000 long polls in 200 rooms, 200 messages/s: p50 ms", "<= 1.5", number(half), half <= 1.5);
  b.row("T7", "the same: % of a core", "<= 20", number(core), core <= 20);
}

export const SCENARIOS = [
  { ids: ["T1"], run: T1 },
  { ids: ["T1b"], run: T1b },
  { ids: ["T2", "T3"], run: T2T3 },
  { ids: ["T4"], run: T4 },
  { ids: ["T5"], run: T5 },
  { ids: ["T6"], run: T6 },
  { ids: ["T7"], run: T7 },
];
