/* The browser's own WebSocket. */
import assert from "node:assert/strict";
import { Person } from "../e2e/lib/client.mjs";
import { onStage, told } from "./lib.mjs";

const stage = onStage();

/* What a page hears of ROOM until WANTED was said in it. */
const hear = (page, room, query, protocols) => page.evaluate(([rooms, more, offered]) => new Promise((done) => {
  const url = new URL("events", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  url.search = new URLSearchParams({ rooms, as: "ws", ...more });
  const socket = new WebSocket(url, offered);
  const lines = [];
  socket.onmessage = ({ data }) => {
    const line = JSON.parse(data);
    lines.push(line.kind);
    if (line.kind === "sync") socket.send(JSON.stringify({ subscribe: "nowhere" }));
    if (line.kind === "refused") socket.close(1000);
  };
  socket.onclose = ({ code, wasClean }) => done({ lines, code, wasClean, protocol: socket.protocol });
}), [room, query, protocols]);

told("S1-9 page: Chromium's WebSocket hears a room by a ticket, and closes cleanly", async (t) => {
  const page = await stage.visit(t, "");
  const kim = new Person(stage.server);
  const room = await kim.create();
  await kim.join(room, { nickname: "kim" });
  const { ticket } = await kim.ask("POST", "/tickets");
  assert.deepEqual(await hear(page, room, { ticket }, ["parlor.v1"]),
    { lines: ["sync", "refused"], code: 1000, wasClean: true, protocol: "parlor.v1" });
  const { lines, code } = await hear(page, room, {}, []);
  assert.deepEqual([lines, code], [[], 1006], "without a ticket or a cookie it does not open");
});
