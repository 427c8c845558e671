/*
 * Tests. The name of a test is a sentence that must be true; its function gets a
 * Scene, through which it makes people, rooms and servers. They are closed after
 * the test, and if it fails the stderr of the programs is shown.
 */
import { after, before, test } from "node:test";
import { Person } from "./client.mjs";
import { FORM, formHas } from "./forms.mjs";
import { Fronted } from "./fronted.mjs";
import { Server, said } from "./server.mjs";
import { TEST_LIMIT_MS, scaled } from "./wait.mjs";

/* A server of the form of deployment in $FORM. */
function serverOf(options) {
  return FORM.front ? new Fronted(options) : new Server(options);
}

export class Scene {
  constructor(server) {
    this.server = server;
    this.people = [];
    this.servers = [];
  }

  /* Starts a server for this test only. */
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

  /* A new room, whose owner has not joined it. */
  async room(fields = {}) {
    const owner = this.person();
    return { owner, room: await owner.create(fields) };
  }

  /* A new room with a member who watches it: `heard` is their reader. GRACE_MS is scaled. */
  async watched(fields = {}) {
    const grace_ms = scaled(fields.grace_ms ?? 300);
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

/*
 * Returns the outcome of ACT, if ACT took less than MS. Otherwise the outcome,
 * good or bad, proves nothing, and retryWithMoreTime() starts again.
 */
export async function fasterThan(ms, act) {
  const from = performance.now();
  const [{ value, reason }] = await Promise.allSettled([act()]);
  const took = performance.now() - from;
  if (took >= ms) throw new TooLate(`${took} ms instead of ${ms}`);
  if (reason) throw reason;
  return value;
}

/*
 * For what can be observed only within MS. If fasterThan() in ACT found the
 * machine too slow, ACT is run again with three times as much time.
 */
export async function retryWithMoreTime(ms, act) {
  for (let longer = ms; ; longer *= 3)
    try {
      return await act(longer);
    } catch (error) {
      if (!(error instanceof TooLate)) throw error;
    }
}

/* Runs ACT, then END whatever happened; throws the first failure. */
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

/* Runs FN with a server that has a store, but no program running. */
export async function withStoppedServer(settings, fn) {
  const server = new Server({ settings });
  await server.prepare();
  await ended(() => fn(server), () => server.end());
}

/*
 * A test that starts servers of its own with scene.serve(). NEEDS (forms.mjs)
 * says on which forms it can be true; on others it is left out.
 */
export function sentence(name, fn, { limit = TEST_LIMIT_MS, needs } = {}) {
  if (formHas(needs)) test(name, { timeout: limit }, () => play(fn, null));
}

/*
 * Returns a function that adds tests, all on one server, each with rooms of its
 * own. Without tests the server is not started.
 */
export function onServer(options = {}) {
  const server = serverOf(options);
  let needed = false;
  return (name, fn, { needs } = {}) => {
    if (!formHas(needs)) return;
    if (!needed) {
      before(() => server.start(), { timeout: TEST_LIMIT_MS });
      after(() => server.end(), { timeout: TEST_LIMIT_MS });
      needed = true;
    }
    test(name, { timeout: TEST_LIMIT_MS }, () => play(fn, server));
  };
}
