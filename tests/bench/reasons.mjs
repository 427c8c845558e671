/* Why targets are missed, by the key of the row (lib/targets.mjs); docs/BENCHMARKS.md says more. */
const SENDS = "nine tenths of it is the kernel's send; who is slower wakes the load generator more often";
const STORE = "the bare loop and the store take 0.7 x nchan; four wake-ups a commit take the rest";
const FULL = "each message waits for the disk, which others use too; nchan uses none";
const BATCHES = "a commit has some 0.6 of the connections' messages, the floor's has all";
const BUSY = "a busy core; 35 to 42 us on a quiet machine";
const FRONT = "Apache and the load share two busy cores; a request to Apache costs it more than Parlor";
const WOKEN = "it waits for the disk, and for three threads that are woken one after the other";

export const REASONS = {
  "T1 5000 rate": SENDS,
  "T1 5000 CPU": SENDS,
  "T1 5000 floor": SENDS,
  "T1 10000 rate": SENDS,
  "T1 10000 CPU": SENDS,
  "T1 10000 floor": SENDS,
  "T1b floor": SENDS,
  "T2 500 p50": WOKEN,
  "T2 500 p99": WOKEN,
  "T2 500 CPU": STORE,
  "T2 2000 p50": FULL,
  "T2 2000 p99": FULL,
  "T2 2000 CPU": STORE,
  "T2c rate": FULL,
  "T3 CPU": "2,000 heartbeats a second, on a busy core; 1.7 % on a quieter machine",
  "T4 16 store": BATCHES,
  "T4 64 store": BATCHES,
  "T4 16 rooms store": BATCHES,
  "T4 64 rooms store": BATCHES,
  "T4 64 CPU": BUSY,
  "T4 64 rooms CPU": BUSY,
  "T5 16 rate": FRONT,
  "T5 64 rate": FRONT,
  "T5 64 p99": FRONT,
  "T6 p50": WOKEN,
  "T6 apache p50": WOKEN,
  "T7 p50": WOKEN,
  "T7 CPU": "each poll reads its caller, room and lease from the store; each message is on disk",
  "T9 stop": "clients wait up to 1 s, then 10,000 requests are served",
  "T9 SIGKILL": "clients wait up to 1 s, then 10,000 requests are served",
};
