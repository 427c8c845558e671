/* The page's client library, in node, with an EventSource given to it. */
import { join } from "node:path";
import { EventSource } from "eventsource";
import { TOP } from "./server.mjs";

export async function library(url, token) {
  globalThis.EventSource = EventSource;
  const { Parlor } = await import(`file://${join(TOP, "www/parlor.js")}`);
  return new Parlor({ base: url, token });
}
