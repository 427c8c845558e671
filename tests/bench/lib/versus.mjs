/* Two builds of Parlor side by side: what each measure is by that of the base. */
import { aligned, median, number, ratios, times } from "./table.mjs";

const METRICS = [
  ["deliveries/s", (one) => one.deliveries_per_s],
  ["messages/s", (one) => one.messages_per_s],
  ["CPU us a message", (one) => one.cpu_us_per_message],
  ["CPU-s for 1 M deliveries", (one) => one.cpu_s_per_million_deliveries],
  ["delivery p50 ms", (one) => one.delivery_ms?.p50],
  ["delivery p99 ms", (one) => one.delivery_ms?.p99],
  ["answer p50 ms", (one) => one.answer_ms?.p50],
  ["answer p99 ms", (one) => one.answer_ms?.p99],
  ["bytes of memory a stream", (one) => one.pss_per_stream],
  ["idle, % of a core", (one) => one.idle_cpu * 100],
  ["bytes a delivery", (one) => one.bytes_per_delivery],
  ["s until all are back", (one) => one.outage_s],
  ["highest rate", (one) => one.highest_rate],
  ["others' p99 by before", (one) => one.p99_by_before],
  ["MB more memory", (one) => one.more_mb],
  ["connections a poll", (one) => one.poll_dials / one.poll_answers],
  ["CPU us a page", (one) => one.whole_us],
  ["ms to the first answer", (one) => one.start_ms],
];

const HEAD = ["scenario", "what", "base", "this", "this by base", "of the rounds"];

/* The lines of one arm; a measure that is 0 in some round says nothing. */
function lines(what, ours, base) {
  const n = Math.min(ours.length, base.length);
  return METRICS.flatMap(([name, of]) => {
    const [now, then] = [ours, base].map((all) => all.slice(0, n).map(of));
    if (![...now, ...then].every((value) => value > 0)) return [];
    const each = ratios(now, then, (value) => value);
    return [[what, name, number(median(then)), number(median(now)), times(median(each)), `${times(Math.min(...each))} - ${times(Math.max(...each))}`]];
  });
}

/* SAMPLES as Bench keeps them, with arms made by both(). */
export function versus(samples) {
  const rows = Object.entries(samples).flatMap(([scenario, arms]) =>
    Object.entries(arms).flatMap(([name, ours]) => {
      const base = arms[`${name}, base`];
      const what = name === scenario || name === "parlor" ? scenario : `${scenario} ${name}`;
      return base ? lines(what, ours, base) : [];
    }));
  return aligned([HEAD, ...rows]);
}
