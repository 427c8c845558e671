// parts: e2e
/* The checker of the soak finds each fault, and none in a record without faults. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { faults } from "./lib/check.mjs";
import { Random } from "../e2e/lib/random.mjs";
import { ROOM, Story } from "./lib/story.mjs";

/*
 * Ann stays, Bob is away for a while but listens to his queue, Cat leaves.
 * COUNTED messages of those within Bob's grace period count as unread.
 */
function told(counted) {
  const s = new Story();
  s.join("ann", 0);
  s.join("bob", 100);
  s.join("cat", 200);
  s.say("ann", 300);
  s.say("bob", 400);
  s.edit("ann", 1, 500);
  s.rename("cat", 600);
  s.leave("cat", 700);
  s.close("bob", 1000);
  s.listen("bob", 1010);
  s.say("ann", 1500);
  s.gone("bob", 1760, counted);
  s.say("ann", 2000);
  s.say("ann", 2050);
  s.like("ann", "bob", 2, 2100);
  s.close("bob", 3000);
  s.join("bob", 3010);
  s.read("bob", 3100);
  s.see("bob", 3200);
  s.erase("ann", 4, 3300);
  s.say("bob", 5000);
  return s.end(6000);
}

/* Bob receives one message; one is sent within his grace period, and one after it, when he is gone. */
function missed({ back }) {
  const s = new Story();
  s.join("ann", 0);
  s.join("bob", 100);
  s.say("ann", 300);
  s.close("bob", 1000);
  s.say("ann", 1500);
  s.say("bob", 1590);
  if (back) s.listen("bob", 1600, [ROOM]);
  else s.gone("bob", 1760, 0);
  s.say("ann", 2000);
  return s.end(6000);
}

/* Bob takes another nickname while he is away, and comes back. */
function renamedAway() {
  const s = new Story();
  s.join("ann", 0);
  s.join("bob", 100);
  s.close("bob", 1000);
  s.gone("bob", 1760, 0);
  s.rename("bob", 2000);
  s.join("bob", 3000);
  return s.end(6000);
}

const linkOf = (record, who) => record.links.findLast((link) => link.who === who);
const queueOf = (record, who, kind) => record.queues[who].find((event) => event.kind === kind && (kind !== "unread" || event.data.message));
const movesOf = (record, what) => record.log.filter(({ data }) => data[what]);

function drop(list, is) {
  const at = list.findIndex(is);
  assert.ok(at >= 0);
  return list.splice(at, 1)[0];
}

const isMessage = (client_id) => ({ kind, data }) => kind === "message" && data.message.client_id === client_id;

/* Each fault: what is broken, which check finds it, and how it is planted. */
const BROKEN = [
  ["a message is missing in the log", "acknowledged", ({ log }) => drop(log, isMessage("bob-400"))],
  ["a message is in the log twice", "acknowledged", ({ log }) => log.push({ ...log.find(isMessage("bob-400")), seq: 900 })],
  ["a message was acknowledged with another text", "acknowledged", ({ calls }) => (calls.find(({ client_id }) => client_id === "bob-400").message.content = "else")],
  ["a message is from somebody else", "acknowledged", ({ log }) => (log.find(isMessage("bob-400")).data.message.chatter.id = "id-ann")],
  ["the history has another order", "order", ({ histories }) => histories[ROOM].reverse()],
  ["the history lacks a message", "order", ({ histories }) => histories[ROOM].pop()],
  ["a fact is heard twice", "delivered", (record) => linkOf(record, "ann").facts.push(linkOf(record, "ann").facts.at(-1))],
  ["a fact is not heard", "delivered", (record) => linkOf(record, "ann").facts.splice(3, 1)],
  ["facts are heard in another order", "delivered", (record) => linkOf(record, "ann").facts.splice(3, 2, ...linkOf(record, "ann").facts.slice(3, 5).reverse())],
  ["a fact is heard with other words", "delivered", (record) => (linkOf(record, "bob").facts.at(-1).raw = "{}")],
  ["somebody else's queue is heard", "delivered", (record) => (record.queues.ann = record.queues.bob.splice(0))],
  ["an open stream is silent for long", "delivered", (record) => {
    const link = linkOf(record, "ann");
    link.facts = link.facts.slice(0, 4);
    link.to = `e-${link.facts.at(-1).seq}`;
  }],
  ["a stream is told to reload", "delivered", (record) => (linkOf(record, "ann").recovered = false)],
  ["a notice is missing", "present", ({ log }) => drop(log, ({ data }) => data.message?.notice)],
  ["a notice comes twice", "present", ({ log }) => log.push({ ...log.find(({ data }) => data.message?.notice), seq: 900 })],
  ["somebody who stays is told as gone", "present", ({ log }) => {
    const at = log.find(isMessage("ann-2000")).seq;
    const ann = { id: "id-ann", nickname: "ann" };
    log.push({ seq: at - 0.6, kind: "presence", data: { room: ROOM, count: 0, left: [{ ...ann, reason: "timeout" }] } });
    log.push({ seq: at - 0.4, kind: "presence", data: { room: ROOM, count: 1, joined: [ann] } });
  }],
  ["somebody who is gone is not told", "present", ({ log }) => drop(log, ({ data }) => data.left?.[0].id === "id-bob")],
  ["somebody who is back is not told", "present", ({ log }) => log.splice(log.findLastIndex(({ data }) => data.joined), 1)],
  ["somebody leaves without asking", "present", ({ calls }) => drop(calls, ({ what }) => what === "leave")],
  ["somebody joins without asking", "present", (record) => {
    record.calls = record.calls.filter(({ who, what }) => who !== "cat" || what !== "join");
    record.links = record.links.filter(({ who }) => who !== "cat");
  }],
  ["a room holds too many", "present", ({ rooms }) => (rooms[0].capacity = 2)],
  ["a count is wrong", "present", ({ log }) => (movesOf({ log }, "joined")[1].data.count = 3)],
  ["the list has a ghost", "listed", ({ lists }) => lists[ROOM].push({ id: "id-cat" })],
  ["the list lacks somebody", "listed", ({ lists }) => lists[ROOM].pop()],
  ["two notices come in the wrong order", "present", ({ log }) => {
    const [first, second] = log.filter(({ data }) => data.message?.notice?.chatter.id === "id-bob");
    [first.data, second.data] = [second.data, first.data];
  }],
  ["a notice is told with those of later", "present", ({ log }) => {
    const early = drop(log, ({ data }) => data.message?.notice?.chatter.id === "id-bob");
    const at = log.find(({ data }) => data.message?.notice?.chatter.id === "id-cat").seq;
    log.push({ ...early, seq: at + 0.5 });
  }],
  ["a nickname is not told", "nicknames", ({ log }) => drop(log, ({ data }) => data.renamed)],
  ["a nickname is told twice", "nicknames", ({ log }) => log.push({ ...log.find(({ data }) => data.renamed), seq: 900 })],
  ["an edit is not done", "changes", ({ histories }) => (histories[ROOM].find(({ edited_at }) => edited_at).content = "before")],
  ["a deleted text is still there", "changes", ({ histories }) => (histories[ROOM].find(({ deleted_at }) => deleted_at).content = "secret")],
  ["a deleted message is still there", "changes", ({ histories }) => delete histories[ROOM].find(({ deleted_at }) => deleted_at).deleted_at],
  ["what was missed is not told", "unread", ({ queues }) => drop(queues.bob, ({ kind, data }) => kind === "unread" && data.message)],
  ["what was missed is told twice", "unread", (record) => record.queues.bob.push({ ...queueOf(record, "bob", "unread"), seq: 900 })],
  ["what was heard in the room is told as missed", "unread", (record) => (queueOf(record, "bob", "unread").data.message.id = 2)],
  ["an unread count is below what was missed", "unread", (record) => (queueOf(record, "bob", "unread").data.unread = 0)],
  ["an unread count is above what was missed", "unread", (record) => (queueOf(record, "bob", "unread").data.unread = 9)],
  ["one message raises an unread count by two", "unread", (record) => (queueOf(record, "bob", "unread").data.unread = 3)],
  ["the list of rooms has another unread count", "unread", ({ seats }) => (seats.bob[0].unread = 1)],
  ["the total is not the sum of the counts", "unread", ({ totals }) => (totals.bob += 1)],
  ["a read marker is lost", "unread", ({ queues }) => drop(queues.bob, ({ kind }) => kind === "read")],
  ["a notification is not told", "notified", ({ queues }) => drop(queues.bob, ({ kind }) => kind === "notification")],
  ["a notification is told twice", "notified", (record) => record.queues.bob.push({ ...queueOf(record, "bob", "notification"), seq: 900 })],
  ["a notification that nobody gave", "notified", ({ calls }) => drop(calls, ({ what }) => what === "like")],
  ["the count of notifications is wrong", "notified", ({ inboxes }) => (inboxes.bob.unread = 1)],
  ["a notification is unread again", "notified", ({ inboxes }) => (inboxes.bob.notifications[0].read_at = null)],
];

test("soak: a record in which all is right has no faults", () => {
  assert.deepEqual(faults(told(1)), []);
});

for (const [counted, what] of [[0, "less"], [2, "more"]])
  test(`A1 S5-7 soak: it is found when ${what} counts than was said behind the last delivery`, () => {
    assert.ok(faults(told(counted)).some((fault) => fault.startsWith("unread: ")));
  });

/* Whether Bob came back within the grace period, the unread count he is shown, and whether it is possible. */
const SHOWN = [
  [false, 0, false], [false, 1, false], [false, 2, true], [false, 3, false],
  [true, 0, true], [true, 1, false],
];

for (const [back, unread, can] of SHOWN)
  test(`soak: ${back ? "back within the grace" : "gone"}, ${unread} unread ${can ? "can be" : "cannot be"}`, () => {
    const record = missed({ back });
    record.seats.bob[0].unread = unread;
    record.totals.bob = unread;
    const found = faults(record);
    assert.equal(found.length, can ? 0 : 1, found.join("\n"));
    assert.ok(can || found[0].startsWith("unread: "), found[0]);
  });

/* Changes of the record, and the counts that are possible then: was the message within Bob's grace period delivered? */
const DELIVERED = {
  "the answer of a join was lost": [[1, 2], ({ calls }, at) => calls.push({ ...at(1540), what: "join", status: null })],
  "the network told later that a stream is cut": [[1, 2], ({ links }) => (links.findLast(({ who }) => who === "bob").cut += 600)],
  "an answer was lost": [[1, 2], ({ links }, at) => links.push({ ...links.at(-1), ...at(1540), as: "instant", quit: null, cut: null, sure: null, status: null, facts: [] })],
  "a join's picture had it": [[1], ({ calls, log }, at) => calls.push({ ...at(1540), what: "join", status: 200, cursor: `e-${log.find(isMessage("ann-1500")).seq}` })],
  "a stream presents its cursor": [[1], ({ links, log }, at) => {
    const cursor = `e-${log.find(isMessage("ann-1500")).seq}`;
    links.push({ ...links.at(-1), ...at(1540), as: "sse", quit: at(1540).over, cut: at(1540).over, sure: at(1540).over, last: at(1540).over, asked: cursor, to: cursor, status: 200, recovered: true, facts: [] });
  }],
};

for (const [how, [counts, change]] of Object.entries(DELIVERED))
  test(`A1 S5-7 soak: ${counts.join(" or ")} unread where ${how}`, () => {
    const can = [0, 1, 2, 3].filter((unread) => {
      const record = missed({ back: false });
      const { began } = record.calls.find(({ who }) => who === "bob");
      const at = (ms) => ({ who: "bob", room: ROOM, began: began - 100 + ms, over: began - 95 + ms });
      change(record, at);
      record.seats.bob[0].unread = unread;
      record.totals.bob = unread;
      return !faults(record).some((fault) => fault.includes("shown"));
    });
    assert.deepEqual(can, counts);
  });

test("soak: who was renamed while away comes back by the new name", () => {
  const record = renamedAway();
  assert.deepEqual(faults(record), []);
  record.log.findLast(({ data }) => data.joined).data.joined[0].nickname = "bob";
  assert.ok(faults(record).some((fault) => fault.startsWith("nicknames: ")));
});

/* Bob leaves three times and joins twice before the notices NOTICED. */
function burst(noticed) {
  const record = missed({ back: false });
  const bob = { id: "id-bob", nickname: "bob" };
  const at = record.log.find(isMessage("ann-2000")).seq;
  const moves = ["joined", "left", "joined", "left"];
  record.log = record.log.filter(({ data }) => data.message?.notice?.kind !== "left");
  moves.forEach((kind, i) => record.log.push({ seq: at - 0.9 + i / 10, kind: "presence",
    data: { room: ROOM, count: kind === "left" ? 1 : 2, [kind]: [kind === "left" ? { ...bob, reason: "timeout" } : bob] } }));
  noticed.forEach((kind, i) => record.log.push({ seq: at - 0.4 + i / 10, kind: "alert",
    data: { message: { id: 0, room: ROOM, notice: { kind, reason: kind === "left" ? "timeout" : null, chatter: bob } } } }));
  return faults(record).filter((fault) => fault.includes("the notices say"));
}

test("soak: of five moves that are withheld the last is told", () => {
  assert.equal(burst(["left"]).length, 0);
  assert.equal(burst(["joined", "left"]).length, 1);
  assert.equal(burst([]).length, 1);
  assert.equal(burst(["left", "joined", "left"]).length, 1);
});

for (const [what, check, breaks] of BROKEN)
  test(`soak: it is found when ${what}`, () => {
    const record = structuredClone(told(1));
    breaks(record);
    const found = faults(record);
    assert.ok(found.some((fault) => fault.startsWith(`${check}: `)), `${check} among ${found.join("\n") || "nothing"}`);
  });

test("soak: a seed gives the same choices again, another seed others", () => {
  const draws = (seed) => {
    const random = new Random(seed, "p1");
    return Array.from({ length: 20 }, () => random.next());
  };
  assert.deepEqual(draws("7"), draws("7"));
  assert.notDeepEqual(draws("7"), draws("8"));
  assert.ok(draws("7").every((n) => n >= 0 && n < 1));
});
