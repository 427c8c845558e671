// parts: e2e san race form (long)
import { SETTINGS, leaving } from "./lib/leaving.mjs";
import { onServer } from "./lib/scene.mjs";

leaving(onServer({ settings: SETTINGS }), ["longpoll", "instant"]);
