/*
 * transports: the ways by which events arrive, and one connection by each.
 *
 * A connection hands each event to `receive(kind, data, id)`, which returns
 * how the connection ends if the event ends it.
 */

import { KINDS } from "./event-kinds.js";
import { ParlorError, sendRequest } from "./request.js";

/**
 * How a connection ended.  Without a field: it broke.
 *
 * @typedef {object} Ending
 * @property {{ reason: string, retry_ms?: number }} [bye] the server ended it
 * @property {ParlorError} [error]
 * @property {import("./types.js").Sync} [reset] the server could not resume
 * @property {boolean} [upgrade] it is time to try a better transport
 * @property {boolean} [mute] nothing came by this transport
 * @property {boolean} [silent] nothing came but the sync
 */

/**
 * The signs of life of a connection so far.
 *
 * @typedef {object} Progress
 * @property {boolean} synced a sync came
 * @property {boolean} flowed something came after the sync
 * @property {boolean} lived a heartbeat came
 * @property {number} openedAt when the sync came, by performance.now()
 */

/**
 * @typedef {object} Connection
 * @property {AbortSignal} signal ends it
 * @property {import("./interrupts.js").Interrupts} interrupts
 * @property {(kind: string, data: any, id: string | null) => Ending | undefined} receive
 */

/**
 * @typedef {object} Transport
 * @property {"websocket" | "sse" | "longpoll" | "poll"} name
 * @property {"events" | "api"} server which address serves it
 * @property {"ws" | "sse" | "json"} as
 * @property {number} wait seconds that the server may hold a poll
 * @property {boolean} counted it takes one of the browser's few connections to a server
 * @property {"WebSocket" | "EventSource"} [needs] what some browsers and Node do not have
 */

const SYNC_MS = 8_000; /* an open stream without a sync is being buffered */
const SLACK_MS = 2_000; /* on top of one and a half heartbeats */
const WAIT_S = 25;
const WAIT_MARGIN_MS = 10_000;
const SUBPROTOCOL = "parlor.v1";

/**
 * From the best to the one that works wherever the API works.  A WebSocket is
 * used only by a stream that asks for it.
 *
 * @type {readonly Transport[]}
 */
const TRANSPORTS = Object.freeze([
  { name: "websocket", server: "events", as: "ws", wait: 0, counted: false, needs: "WebSocket" },
  { name: "sse", server: "events", as: "sse", wait: 0, counted: true, needs: "EventSource" },
  { name: "longpoll", server: "events", as: "json", wait: WAIT_S, counted: true },
  { name: "poll", server: "api", as: "json", wait: 0, counted: false },
]);

/**
 * The transports that can be used here, from the one called `best` down.
 *
 * @param {Transport["name"]} best
 */
export function transportsFrom(best) {
  const first = TRANSPORTS.findIndex(({ name }) => name === best);
  if (first < 0) throw new TypeError(`there is no transport "${best}"`);
  return TRANSPORTS.slice(first).filter(({ needs }) => needs === undefined || needs in globalThis);
}

/**
 * What a stream calls: with each event, and when it has ended.
 *
 * @typedef {object} Listener
 * @property {(kind: string, data: any, id: string | null) => void} receive
 * @property {() => void} broken
 */

/**
 * EventSource's own reconnecting is not used: it neither backs off nor
 * jitters, repeats the spent ticket, and gives up for good at a 503.
 *
 * @param {URL} url
 * @param {Listener} listener
 * @returns {() => void} closes it
 */
function openEventSource(url, { receive, broken }) {
  const source = new EventSource(url);
  for (const kind of Object.keys(KINDS)) {
    source.addEventListener(kind, (event) => receive(kind, JSON.parse(event.data), event.lastEventId));
  }
  source.onerror = broken;
  return () => source.close();
}

/**
 * @param {URL} url
 * @param {Listener} listener
 * @returns {() => void} closes it
 */
function openWebSocket(url, { receive, broken }) {
  const address = new URL(url);
  address.protocol = url.protocol.replace("http", "ws"); /* older browsers refuse http: */
  const socket = new WebSocket(address, SUBPROTOCOL);
  socket.onmessage = (event) => {
    const { kind, data, id = null } = JSON.parse(event.data);
    if (Object.hasOwn(KINDS, kind)) receive(kind, data, id);
  };
  socket.onerror = broken;
  socket.onclose = broken;
  return () => {
    socket.onmessage = null; /* messages may still arrive during the closing handshake */
    socket.close();
  };
}

/**
 * Reads an event stream until it ends.
 *
 * @param {URL} url
 * @param {Connection & { as: Transport["as"], progress: Progress, heartbeatMs: () => number }} connection
 * @returns {Promise<Ending>}
 */
export function readStream(url, { as, signal, interrupts, receive, progress, heartbeatMs }) {
  return new Promise((resolve) => {
    let watchdog = 0;
    /** @param {Ending} how */
    const end = (how) => {
      clearTimeout(watchdog);
      signal.removeEventListener("abort", stop);
      close();
      resolve(how);
    };
    const broken = () => end({ mute: !progress.synced });
    const overdue = () => end({ mute: !progress.flowed, silent: progress.synced && !progress.flowed });
    const stop = () => end({});
    /** @param {number} ms */
    const expectWithin = (ms) => {
      const due = performance.now() + ms;
      clearTimeout(watchdog);
      watchdog = setTimeout(overdue, ms);
      interrupts.check = () => {
        if (performance.now() > due) overdue();
      };
    };
    const open = as === "ws" ? openWebSocket : openEventSource;
    const close = open(url, {
      broken,
      receive: (kind, data, id) => {
        const how = receive(kind, data, id);
        if (how) end(how);
        else expectWithin(heartbeatMs() * 1.5 + SLACK_MS);
      },
    });
    signal.addEventListener("abort", stop);
    expectWithin(SYNC_MS);
    interrupts.cut = () => end({ error: new ParlorError({ code: "offline" }) });
  });
}

/**
 * Polls once.  `end` is there if the poll ended the connection; `more` says
 * that further events wait; `count` is the number of events in the answer.
 *
 * @param {URL} url
 * @param {Connection & { headers: Record<string, string>, wait: number }} connection
 * @returns {Promise<{ end?: Ending, cursor?: string, more?: boolean, count?: number }>}
 */
export async function poll(url, { signal, interrupts, receive, headers, wait }) {
  const ms = wait * 1000 + WAIT_MARGIN_MS;
  const answer = await sendInterruptibly(url, { interrupts, headers, signal, ms });
  if (signal.aborted) return {};
  if (!answer?.sync) throw new ParlorError({ status: 200, code: "not_parlor" });
  let end = receive("sync", answer.sync, null);
  for (const { id, kind, data } of end ? [] : answer.events) {
    if (Object.hasOwn(KINDS, kind)) end ??= receive(kind, data, id);
  }
  return { end, cursor: answer.cursor, more: answer.more, count: answer.events.length };
}

/**
 * A request that is given up when the network is lost, or when the machine slept
 * past its limit.
 *
 * @param {URL} url
 * @param {Pick<Connection, "signal" | "interrupts"> & { headers: Record<string, string>, ms: number }} options
 */
function sendInterruptibly(url, { interrupts, signal, ms, ...options }) {
  const canceled = new AbortController();
  const due = performance.now() + ms;
  interrupts.cut = () => canceled.abort();
  interrupts.check = () => {
    if (performance.now() > due) canceled.abort();
  };
  return sendRequest(url, { ...options, ms, signals: [signal, canceled.signal] });
}
