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
import { TEST_LIMIT_MS, stretched } from "./wait.mjs";

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

  /* A room with an observer in it who hears everything; GRACE_MS as it is there. */
  async watched(fields = {}) {
    const grace_ms = stretched(fields.grace_ms ?? 300);
    const { owner, room } = await this.room({ ...fields, grace_ms });
    const watcher = await this.member(room, "watcher");
    const heard = await watcher.listen(room);
    return { owner, room, watcher, heard, grace_ms };
  }

  async end() {
    for (const person of this.people) person.end();
    for (const server of this.servers) await server.end();
  }
}

class TooLate extends Error {
  final = true;
}

/* What comes of ACT if it takes less than MS; otherwise it proves nothing. */
export async function swiftly(ms, act) {
  const from = performance.now();
  const [{ value, reason }] = await Promise.allSettled([act()]);
  const took = performance.now() - from;
  if (took >= ms) throw new TooLate(`${took} ms instead of ${ms}`);
  if (reason) throw reason;
  return value;
}

/*
 * Some things can be seen only while a time of MS runs.  If the machine was
 * too slow for that, ACT is done anew with three times as long.
 */
export async function inTime(ms, act) {
  for (let longer = ms; ; longer *= 3)
    try {
      return await act(longer);
    } catch (error) {
      if (!(error instanceof TooLate)) throw error;
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
export function sentence(name, fn, { limit = TEST_LIMIT_MS, needs } = {}) {
  if (offers(needs)) test(name, { timeout: limit }, () => play(fn, null));
}

/* A server for all sentences of a file, each with rooms of its own; none where none is told. */
export function onServer(options = {}) {
  const server = serverOf(options);
  let needed = false;
  return (name, fn, { needs } = {}) => {
    if (!offers(needs)) return;
    if (!needed) {
      before(() => server.start(), { timeout: TEST_LIMIT_MS });
      after(() => server.end(), { timeout: TEST_LIMIT_MS });
      needed = true;
    }
    test(name, { timeout: TEST_LIMIT_MS }, () => play(fn, server));
  };
}
