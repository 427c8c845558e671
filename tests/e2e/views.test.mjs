// parts: e2e front
/* What a view of the page costs, in Chromium: the first, and each after it. */
import assert from "node:assert/strict";
import { Stage, enter } from "../page/lib.mjs";
import { sentence } from "./lib/scene.mjs";
import { until } from "./lib/wait.mjs";

const REPEAT = { requests: 3, bytes: 5000 };
const FIRST = { requests: 70, bytes: 150_000 };

/* Counts what PAGE sends and receives over the network from now on. */
async function meter(page) {
  const session = await page.context().newCDPSession(page);
  const sent = new Map();
  const of = ({ requestId }) => sent.get(requestId) ?? { bytes: 0 };
  session.on("Network.requestWillBeSent", ({ requestId, request: { url, method } }) => sent.set(requestId, { what: `${method} ${url}`, bytes: 0 }));
  session.on("Network.requestServedFromCache", ({ requestId }) => sent.delete(requestId));
  session.on("Network.responseReceived", (told) => {
    if (told.response.fromDiskCache || told.response.fromPrefetchCache) sent.delete(told.requestId);
    else Object.assign(of(told), { status: told.response.status, bytes: told.response.encodedDataLength });
  });
  session.on("Network.dataReceived", (told) => (of(told).bytes += told.encodedDataLength));
  session.on("Network.loadingFinished", (told) => Object.assign(of(told), { bytes: told.encodedDataLength, over: true }));
  session.on("Network.loadingFailed", (told) => (of(told).over = true));
  await session.send("Network.enable");
  const all = () => [...sent.values()].filter(({ what }) => /^\w+ http/.test(what));
  return {
    idle: () => all().every(({ over, what, status }) => over || (status === 200 && /\/events\?/.test(what))),
    all,
    bytes: () => all().reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/* Opens ADDRESS in a new tab and waits for SHOWN; gives the meter. */
async function view(context, address, shown) {
  const page = await context.newPage();
  const metered = await meter(page);
  await page.goto(address);
  await page.waitForSelector(shown);
  await until(() => metered.idle(), "all has arrived");
  return { page, ...metered };
}

async function staged(s, act) {
  const stage = new Stage(await s.serve());
  const { room } = await s.room({ title: "Front room" });
  await stage.open();
  try {
    await act(await stage.browser.newContext(), stage.server.url, room);
  } finally {
    await stage.close();
  }
}

const said = (metered) => `${metered.bytes()} bytes: ${metered.all().map(({ what, status, bytes }) => `${what} ${status} ${bytes}`).join("; ")}`;

/* Sees ADDRESS for the second time. */
async function again(context, address, shown) {
  const repeat = await view(context, address, shown);
  assert.ok(repeat.all().length <= REPEAT.requests, said(repeat));
  assert.ok(repeat.bytes() <= REPEAT.bytes, said(repeat));
}

sentence("front: a view of the page is small, and a repeated one consists of three requests at most", (s) => staged(s, async (context, url, room) => {
  const first = await view(context, `${url}/`, "#rooms li");
  assert.ok(first.bytes() < FIRST.bytes && first.all().length < FIRST.requests, said(first));
  await again(context, `${url}/`, "#rooms li");
  const joining = await view(context, `${url}/?room=${room}`, "#join-view:not([hidden])");
  await enter(joining.page, "kim");
  await again(context, joining.page.url(), "#join-view:not([hidden])");
}));
