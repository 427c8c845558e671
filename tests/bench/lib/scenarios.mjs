/*
 * The arms of each scenario (lib/rounds.mjs).  The targets are in
 * lib/targets.mjs.
 *
 * QUICK: also run by --quick.
 */
import { LARGER } from "./larger.mjs";
import { highestRate, storeFloor } from "./measures.mjs";
import { SIEGES } from "./siege.mjs";

function fanOut(name, readers, quick, options) {
  const start = { streams: readers };
  const arm = (form) => ({ name: form, form, start, options: { readers, people: 50, measure: 4000, ...options } });
  return { name, ids: [name.split(" ")[0]], quick, arms: ["parlor", "nchan", "floor"].map(arm) };
}

const thousand = { rooms: 1000, readers: 10, people: 10 };

function thousandRooms(rate, ids, idle) {
  const options = { ...thousand, posters: 32, rate, idle, measure: 5000 };
  const arm = (form) => ({ name: form, form, start: { streams: 10_000 }, options });
  return { name: `T2 ${rate}`, ids, quick: true, arms: ["parlor", "nchan"].map(arm) };
}

function highestOf() {
  const arm = (form) => ({ name: form, form, start: { streams: 10_000 }, measure: highestRate({ ...thousand, posters: 32 }) });
  return { name: "T2c", ids: ["T2c"], arms: ["parlor", "nchan"].map(arm) };
}

function posting(id, forms, pinned, posters, rooms) {
  const arm = (form) => ({
    name: form, form: form === "store" ? "nothing" : form, pinned, options: { posters, rooms, measure: 4000 },
    measure: form === "store" ? storeFloor(rooms, posters) : undefined,
  });
  return { name: `${id} ${posters}${rooms > 1 ? " rooms" : ""}`, ids: [id], quick: rooms === 1, arms: forms.map(arm) };
}

/* Rooms that already hold messages: pages are full. */
const FRAMES_KEPT = 60_000;

function frames(batch) {
  const arm = { name: "store", form: "nothing", measure: storeFloor(1000, batch, FRAMES_KEPT) };
  return { name: `T4 frames ${batch}`, ids: ["T4"], arms: [arm] };
}

const oneReader = { readers: 1, rate: 50, posters: 4, measure: 5000 };

/* Nothing is posted before nchan has all first polls: it would not keep it for them. */
const polls = { mode: "polls", rooms: 200, readers: 10, people: 10, posters: 16, rate: 200, idle: 1000, measure: 5000 };

export const SCENARIOS = [
  fanOut("T1 5000", 5000, true, { heard: 1 }),
  fanOut("T1 10000", 10_000, false, { heard: 1 }),
  fanOut("T1 ahead", 5000, false, {}),
  fanOut("T1b", 5000, true, { posters: 16, heard: 1 }),
  thousandRooms(500, ["T2", "T3"], 10_000),
  thousandRooms(2000, ["T2"], 0),
  highestOf(),
  posting("T4", ["parlor", "store", "nchan"], true, 16, 1),
  posting("T4", ["parlor", "store", "nchan"], true, 64, 1),
  posting("T4", ["parlor", "store"], true, 16, 1000),
  posting("T4", ["parlor", "store"], true, 64, 1000),
  frames(4),
  frames(64),
  posting("T5", ["apache"], false, 16, 1),
  posting("T5", ["apache"], false, 64, 1),
  { name: "T6", ids: ["T6"], quick: true, arms: ["parlor", "nchan"].map((form) => ({ name: form, form, options: oneReader })) },
  { name: "T6 apache", ids: ["T6"], quick: true, arms: [{ name: "apache", form: "apache", pinned: false, options: oneReader }] },
  { name: "T7", ids: ["T7"], quick: true, arms: ["parlor", "nchan"].map((form) => ({ name: form, form, start: { streams: 2000 }, options: polls })) },
  ...LARGER,
  ...SIEGES,
];
