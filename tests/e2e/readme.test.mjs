// parts: e2e
/* The commands in README.md do what it says. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Person } from "./lib/client.mjs";
import { sentence } from "./lib/scene.mjs";
import { Program, TOP, environment } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const PLACE = "http://127.0.0.1:8080";

/* The commands of a chapter, in order, meant for SERVER. */
function commands(chapter, server) {
  const text = readFileSync(join(TOP, "README.md"), "utf8");
  const body = text.split(/^## /m).find((part) => part.startsWith(`${chapter}\n`));
  const lines = body.split("\n").filter((line) => line.startsWith("    "));
  for (const line of lines) assert.ok(line.includes(PLACE), line);
  return lines.map((line) => line.trim().replaceAll(PLACE, server.url));
}

/* A shell in a terminal, which keeps variables from line to line. */
class Terminal {
  constructor(server) {
    this.shell = new Program("/bin/sh", ["-s"], { cwd: server.dir, env: environment() });
    this.n = 0;
  }

  get output() {
    return String(this.shell.stdout);
  }

  /* Types LINE and waits until it is done; returns what it printed. */
  async type(line) {
    const mark = `done-${(this.n += 1)}\n`;
    const before = this.output.length;
    this.shell.child.stdin.write(`${line}\necho; printf 'done-%s\\n' ${this.n}\n`);
    await until(() => this.output.slice(before).endsWith(mark), line);
    return this.output.slice(before, -mark.length).trim();
  }

  /* Types LINE, which runs until the terminal is closed. */
  leave(line) {
    this.shell.child.stdin.write(`exec ${line}\n`);
  }

  async close() {
    await this.shell.kill();
  }
}

async function follow(server, here, there) {
  const [create, join, hear, say, rename, remove, ...more] = commands("Six lines of curl", server);
  assert.deepEqual(more, []);
  assert.equal(await here.type(create), "");
  assert.equal(await here.type(join), "");
  const me = new Person(server, { token: await here.type("echo $TOKEN") });
  const id = await here.type("echo $ME");
  const { chatter } = await me.ask("GET", `/rooms/ops/chatters/${id}`);
  assert.deepEqual([chatter.nickname, chatter.role], ["kim", "owner"], "who created it owns it");
  there.leave(hear);
  await until(() => /^event: sync$/m.test(there.output), "the stream begins");
  assert.equal(JSON.parse(await here.type(say)).message.content, "backup done");
  await until(() => /^data: .*"backup done"/m.test(there.output), "the message is heard");
  assert.equal(JSON.parse(await here.type(rename)).chatter.nickname, "lee");
  await until(() => /^data: .*"renamed"/m.test(there.output), "the rename is heard");
  assert.equal(await here.type(remove), "");
  assert.equal((await me.answer("GET", "/rooms/ops")).status, 404, "it is deleted");
}

sentence("readme: S6-1 S6-6 one line of curl does what it says, word for word", async (s) => {
  const server = await s.serve();
  const [line, ...more] = commands("One line of curl", server);
  assert.deepEqual(more, []);
  const terminal = new Terminal(server);
  try {
    await terminal.type(`KEY=${await server.key("rooms", "alerts")}`);
    const { message } = JSON.parse((await terminal.type(line)).split("\n").at(-1));
    assert.deepEqual([message.room, message.id, message.content], ["backups", 1, "backup done"]);
  } finally {
    await terminal.close();
  }
}, { needs: "embedded" });

sentence("readme: the lines of curl do what they say, word for word", async (s) => {
  const server = await s.serve();
  const terminals = [new Terminal(server), new Terminal(server)];
  try {
    await follow(server, ...terminals);
  } finally {
    for (const terminal of terminals) await terminal.close();
  }
}, { needs: "embedded" });
