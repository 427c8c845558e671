/*
 * A test is a sentence that must be true, with a scene to play it on: what it
 * opens there is closed behind it, and the programs' stderr is shown if the
 * sentence turns out to be false.
 */
import { after, before, test } from "node:test";
import { Fronted } from "./apache.mjs";
import { Person } from "./client.mjs";
import { FORM, offers } from "./forms.mjs";
import { Server, said } from "./server.mjs";
import { SLOW } from "./wait.mjs";

const LIMIT_MS = 60_000;

/* A server of the form that the suite runs on. */
function serverOf(options) {
  return FORM.front ? new Fronted(options) : new Server(options);
}

export class Scene {
  constructor(server) {
    this.server = server;
    this.people = [];
    this.servers = [];
  }

  /* A server for this sentence alone. */
  async serve(options) {
    const server = serverOf(options);
    this.servers.push(server);
    await server.start();
    this.server = server;
    return server;
  }

  person(options) {
    const person = new Person(this.server, options);
    this.people.push(person);
    return person;
  }

  /* A new person who has joined ROOM. */
  async member(room, nickname, options) {
    const person = this.person(options);
    await person.join(room, nickname ? { nickname } : {});
    return person;
  }

  /* A new room with an owner who is not in it. */
  async room(fields = {}) {
    const owner = this.person();
    return { owner, room: await owner.create(fields) };
  }

  /* A room with an observer in it who hears everything. */
  async watched(fields = {}) {
    const grace_ms = (fields.grace_ms ?? 300) * FORM.pace;
    const { owner, room } = await this.room({ ...fields, grace_ms: Math.min(grace_ms, 600_000) });
    const watcher = await this.member(room, "watcher");
    const heard = await watcher.listen(room);
    return { owner, room, watcher, heard };
  }

  async end() {
    for (const person of this.people) person.close();
    for (const server of this.servers) await server.end();
  }
}

/* ACT, and END whatever happened; the first failure counts. */
async function ended(act, end) {
  let failure = null;
  try {
    await act();
  } catch (error) {
    failure = error;
    failure.message += `\n${said()}`;
  }
  try {
    await end();
  } catch (error) {
    failure ??= error;
  }
  if (failure) throw failure;
}

function play(fn, server) {
  const scene = new Scene(server);
  return ended(() => fn(scene), () => scene.end());
}

/* A store with no program running, cleaned up after FN. */
export async function alone(settings, fn) {
  const server = new Server({ settings });
  await server.prepare();
  await ended(() => fn(server), () => server.end());
}

/*
 * Sentences whose server is their own: scene.serve().  NEEDS (forms.mjs) says
 * on which forms a sentence can be true; on others it is not told.
 */
export function sentence(name, fn, { limit = LIMIT_MS, needs } = {}) {
  if (offers(needs)) test(name, { timeout: limit * SLOW }, () => play(fn, null));
}

/* A server for all sentences of a file, each with rooms of its own. */
export function onServer(options = {}) {
  const server = serverOf(options);
  before(() => server.start(), { timeout: LIMIT_MS });
  after(() => server.end(), { timeout: LIMIT_MS });
  return (name, fn, { limit = LIMIT_MS, needs } = {}) => {
    if (offers(needs)) test(name, { timeout: limit * SLOW }, () => play(fn, server));
  };
}
