/*
 * What others feel of hostile clients: 200 that read nothing of a long page,
 * 200 whose body drips, 200 whose request stays half sent.  Each has an address
 * of its own, so that no limit of an address keeps them out.
 */
import { readFileSync } from "node:fs";
import net from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { standing } from "./load.mjs";

const OF_EACH_KIND = 200;
const DRIP_MS = 1000;
const SETTLE_MS = 1000;
const LOOK_MS = 200;
const STOOD_STILL_MS = 10_000;
const MB = 2 ** 20;

/* 200 messages of 4,000 characters of 4 bytes: a page of 3 MB. */
const LONG = { messages: 200, content: "\u{1F41E}".repeat(4000) };
const OTHERS = { rooms: 20, readers: 2, people: 2, posters: 8, rate: 200, warm: 500, measure: 4000, slices: 3 };

async function asked(url, body, token) {
  const headers = { "Content-Type": "application/json", ...(token && { "X-Parlor-Token": token }) };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: ${await answer.text()}`);
  return answer.json();
}

/* A room whose newest page is long, and the token of a member. */
async function longRoom(address) {
  const rooms = `http://${address}/api/v1/rooms`;
  const { room } = await asked(rooms, { title: "Long" });
  const { token } = await asked(`${rooms}/${room.id}/chatters`, {});
  for (let i = 0; i < LONG.messages; i++) await asked(`${rooms}/${room.id}/messages`, { content: LONG.content }, token);
  return { path: `/api/v1/rooms/${room.id}/messages`, token };
}

const KINDS = [
  ({ path, token }) => `GET ${path}?limit=200 HTTP/1.1\r\nHost: localhost\r\nX-Parlor-Token: ${token}\r\n\r\n`,
  ({ path, token }) => `POST ${path} HTTP/1.1\r\nHost: localhost\r\nX-Parlor-Token: ${token}\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{`,
  ({ path, token }) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\nX-Parlor-Token: ${token}\r\n`,
];
const DRIPS = 1;

/* One that is cut off comes back, as who means ill would. */
function hostile(address, kind, n, text, besiegers) {
  const [host, port] = address.split(":");
  const socket = net.connect({ host, port: Number(port), localAddress: `127.1.${kind}.${n + 1}` });
  socket.pause();
  socket.on("error", () => {});
  socket.on("connect", () => socket.write(text));
  const drip = kind === DRIPS ? setInterval(() => socket.write(" "), DRIP_MS) : null;
  socket.on("close", () => {
    clearInterval(drip);
    besiegers.delete(socket);
    if (!besiegers.over) setTimeout(() => besiegers.over || hostile(address, kind, n, text, besiegers), DRIP_MS);
  });
  besiegers.add(socket);
}

function besiege(address, room) {
  const besiegers = new Set();
  KINDS.forEach((text, kind) => {
    for (let n = 0; n < OF_EACH_KIND; n++) hostile(address, kind, n, text(room), besiegers);
  });
  return () => {
    besiegers.over = true;
    for (const socket of besiegers) socket.destroy();
  };
}

function children(pid) {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
}

/* Of the processes and all their descendants, in bytes. */
function memory(pids) {
  const of = (pid) => {
    const kb = Number(/^Pss: *(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))[1]);
    return kb * 1024 + memory(children(pid));
  };
  return pids.reduce((sum, pid) => sum + of(pid), 0);
}

/* The most memory while WORK is under way, and what that returns. */
async function watched(pids, work) {
  let most = 0;
  const look = setInterval(() => (most = Math.max(most, memory(pids))), LOOK_MS);
  try {
    const found = await work();
    return { found, most };
  } finally {
    clearInterval(look);
  }
}

async function siege(candidate) {
  const room = await longRoom(candidate.address);
  const others = await standing({ ...candidate, address: candidate.address, pids: [] }, OTHERS, null);
  try {
    const before = await others.next();
    const held = memory(candidate.pids);
    const relieve = besiege(candidate.address, room);
    const during = await watched(candidate.pids, async () => {
      await pause(SETTLE_MS);
      return others.next();
    }).finally(relieve);
    const after = await others.next();
    const p99 = ({ answer_ms }) => (answer_ms.n > 0 ? answer_ms.p99 : STOOD_STILL_MS);
    const { failed, lost, duplicated, late, strayed } = after;
    return {
      failed, lost, duplicated, late, strayed, before_p99: p99(before), during_p99: p99(during.found), after_p99: p99(after),
      p99_by_before: p99(during.found) / p99(before), more_mb: (during.most - held) / MB,
    };
  } finally {
    await others.end();
  }
}

const arm = (form, start) => [{ name: form, form, pinned: form === "parlor", start, measure: siege }];

export const SIEGES = [
  { name: "T12 embedded", ids: ["T12"], arms: arm("parlor", {}) },
  { name: "T12 Apache", ids: ["T12"], arms: arm("apache", { shipped: true, apiArgs: ["--workers", "2"] }) },
];
