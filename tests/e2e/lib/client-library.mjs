/* The page's client library, loaded in Node with an EventSource and a WebSocket. */
import { join } from "node:path";
import { EventSource } from "eventsource";
import { WebSocket } from "ws";
import { TOP } from "./server.mjs";

export async function loadClient(url, token) {
  Object.assign(globalThis, { EventSource, WebSocket });
  const { Parlor } = await import(`file://${join(TOP, "www/parlor.js")}`);
  return new Parlor({ base: url, token });
}
