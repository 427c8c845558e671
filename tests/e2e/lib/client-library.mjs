/* The page's client library, loaded in Node with an EventSource. */
import { join } from "node:path";
import { EventSource } from "eventsource";
import { TOP } from "./server.mjs";

export async function loadClient(url, token) {
  globalThis.EventSource = EventSource;
  const { Parlor } = await import(`file://${join(TOP, "www/parlor.js")}`);
  return new Parlor({ base: url, token });
}
