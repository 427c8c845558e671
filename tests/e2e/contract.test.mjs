// parts: e2e san
/* The numbers and required fields in GET /openapi.json are those of the program. */
import assert from "node:assert/strict";
import { fill } from "./lib/routes.mjs";
import { onServer } from "./lib/scene.mjs";

const told = onServer();

async function documented(s) {
  const { owner, room } = await s.room();
  await owner.join(room, { nickname: "owner" });
  const member = await s.member(room, "member");
  const { id: message } = await owner.say(room, "here");
  const document = await owner.ask("GET", "/openapi.json");
  const { notification: { id: notification } } = await member.ask("POST",
    `/rooms/${room}/chatters/${owner.chatter(room)}/notifications`, { type: "like", text: "member likes this" });
  const { user } = await owner.ask("GET", "/me");
  const values = { room, chatter: member.chatter(room), message, notification, user: user.id, conn: "tab" };
  const service = s.person({ token: await s.server.key("notifications") });
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).filter(([, { operationId }]) => operationId)
      .map(([method, operation]) => ({ method: method.toUpperCase(), path: fill(path, values), operation })));
  return { owner, service, room, document, operations };
}

/* Values for a number in a query, within the bounds of SCHEMA and beyond. */
function around({ minimum, maximum }) {
  return {
    good: [minimum, maximum ?? 99, maximum ?? 1e9],
    bad: [minimum - 1, ...(maximum === undefined ? [] : [maximum + 1]), "x"],
  };
}

told("contract: every number in a query is taken within the documented bounds and refused beyond", async (s) => {
  const { owner, room, operations } = await documented(s);
  const wrong = [];
  let seen = 0;
  for (const { method, path, operation } of operations)
    for (const { name, schema } of (operation.parameters ?? []).filter((p) => p.in === "query" && p.schema.type === "integer")) {
      const { good, bad } = around(schema);
      const rest = path === "/events" ? `rooms=${room}&cursor=earliest&` : "";
      seen += 1;
      for (const [values, status] of [[good, method === "DELETE" ? 204 : 200], [bad, 400]])
        for (const value of values) {
          const answer = await owner.answer(method, `${path}?${rest}${name}=${value}`);
          if (answer.status !== status) wrong.push(`${path} ${name}=${value}: ${answer.status}`);
        }
    }
  assert.ok(seen >= 6, `${seen} numbers`);
  assert.deepEqual(wrong, []);
});

told("contract: a field is required where the document says so, and nowhere else", async (s) => {
  const { owner, service, document, operations } = await documented(s);
  const bodies = operations.filter(({ operation }) => operation.requestBody?.content["application/json"]);
  assert.ok(bodies.length >= 5, `${bodies.length} bodies`);
  for (const { method, path, operation } of bodies) {
    const { schema } = operation.requestBody.content["application/json"];
    const { properties, required = [], minProperties } = document.components.schemas[schema.$ref.split("/").pop()];
    const who = path.startsWith("/users/") ? service : owner;
    const { status, body } = await who.answer(method, path, {});
    const [needed] = minProperties ? Object.keys(properties) : required;
    if (needed === undefined) assert.ok(status < 300, `${method} ${path}: ${status}`);
    else assert.deepEqual([status, Object.keys(body.fields)], [422, [needed]], `${method} ${path}`);
    assert.ok(required.every((name) => name in properties));
  }
});

told("contract: a change that names nothing changes nothing", async (s) => {
  const { owner, room } = await s.room({ capacity: 7, grace_ms: 1234, listed: false, title: "As it was" });
  const before = await owner.ask("GET", `/rooms/${room}`);
  const { room: after } = await owner.ask("PATCH", `/rooms/${room}`, {});
  assert.deepEqual(after, before.room);
});
