/* The API document says what the program answers, no more and no less. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { ROUTES, refusals } from "../e2e/lib/routes.mjs";
import { aliasesOf, answersOfProgram, problemsOfDef, typesOfEvents } from "./lib/answers.mjs";
import { operations, wrongCodes, wrongFields, wrongStatuses } from "./lib/contract.mjs";
import { ownNames, reservedIds, strangeAddresses } from "./lib/addresses.mjs";
import { TOP, files, text } from "./lib/tree.mjs";

const sources = Object.fromEntries(files(/^(api|db|poller)\/.*\.(c|def)$/).map((file) => [file, text(file)]));
const answers = answersOfProgram(sources);
const problems = problemsOfDef(sources["api/http/problem.def"]);
const document = JSON.parse(execFileSync(
  join(TOP, "tests/node_modules/.bin/redocly"), ["bundle", "docs/openapi.yaml", "--ext", "json"],
  { cwd: TOP, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
));

/* The document with one untruth in it. */
function spoilt(spoil) {
  const copy = structuredClone(document);
  spoil(copy);
  return copy;
}

function spoiltEach(wrong, spoils) {
  for (const [complaint, spoil] of Object.entries(spoils))
    assert.deepEqual(wrong(spoilt(spoil)), [complaint]);
}

const SMALL = {
  "api/http/problem.def": 'PROBLEM(GONE, 410, "gone", "x")\nPROBLEM(FULL, 409, "full", "x")\nPROBLEM(BUSY, 503, "busy", "x")',
  "api/routes.def": 'ROUTE(POST,   "/a/:b",  OWNER,  9, make)\nROUTE(GET, "/a", ANYONE, 0, list)',
  "api/http/aliases.def": 'ALIAS(POST, "/{b}", "/api/v1/a/{b}?x=y")',
  "api/a.c": "static enum db_rc\nfill(void)\n{\n\treturn db_full(why);\n}\n\nstruct reply\nmake(struct call *call)\n{\n"
    + "\trc = db_write(call->db, fill, call);\n\treturn reply_field(call, made ? 201 : 200);\n}\n",
  "api/b.c": "static enum db_rc\nfill(void)\n{\n\treturn PROBLEM_GONE;\n}\n\nstruct reply\nlist(struct call *call)\n{\n"
    + "\treturn reply_json(200);\n}\n",
  "db/c.c": "enum db_rc\ndb_full(enum problem *why)\n{\n\treturn refuse(why, PROBLEM_FULL);\n}\n",
  "poller/main.c": '\t{ "/health", SERVER_IS, SERVER_READS, health },\n\nstatic enum MHD_Result\nhealth(struct exchange *x)\n{\n'
    + "\treturn ok ? MHD_HTTP_OK : exchange_problem(x, PROBLEM_BUSY);\n}\n",
};

test("tree: what the program answers is found along what its functions name", () => {
  const found = answersOfProgram(SMALL);
  const sorted = (server, name) => [...found[server][name]].sort();
  assert.deepEqual(sorted("/api/v1", "POST /a/{}"), [200, 201, 400, 401, 403, 404, 409, 413, 415, 422, 500, 503, 507]);
  assert.deepEqual(sorted("/api/v1", "GET /a"), [200, 400, 401, 403, 500, 503, 507]);
  assert.deepEqual(sorted("/", "GET /health"), [200, 400, 503]);
  assert.deepEqual(sorted("/", "POST /{}"), sorted("/api/v1", "POST /a/{}"));
});

test("tree: every operation of the API document is one of the program, with the statuses that it answers", () => {
  assert.ok(Object.keys(answers["/api/v1"]).length >= 19);
  assert.deepEqual(Object.keys(answers["/"]), ["GET /events", "GET /health", "GET /metrics", "POST /{}", "GET /{}/raw"]);
  spoiltEach((bad) => wrongStatuses(bad, answers), {
    "GET /events can answer 429": (bad) => delete bad.paths["/events"].get.responses["429"],
    "GET /me can answer 400": (bad) => delete bad.paths["/me"].get.responses["400"],
    "GET /rooms/{} can answer 400": (bad) => delete bad.paths["/rooms/{room}"].get.responses["400"],
    "POST /tickets can answer 413": (bad) => delete bad.paths["/tickets"].post.responses["413"],
    "PATCH /rooms/{} can answer 500": (bad) => delete bad.paths["/rooms/{room}"].patch.responses["500"],
    "GET /me never answers 409": (bad) => (bad.paths["/me"].get.responses["409"] = {}),
    "GET /metrics is not documented under /": (bad) => delete bad.paths["/metrics"],
    "there is no GET /health under /x": (bad) => bad.paths["/health"].servers.push({ url: "/x" }),
  });
  assert.deepEqual(wrongStatuses(document, answers), []);
});

test("tree: every problem stands in the API document, with the answers of its status", () => {
  spoiltEach((bad) => wrongCodes(bad, problems), {
    "too_many_streams stands nowhere": (bad) => (bad.components.responses.TooMany.description = "Too many"),
    "method_not_allowed stands nowhere": (bad) => (bad.info.description = bad.info.description.replace(/`method_not_allowed`/, "")),
    "Problem does not list busy": (bad) => bad.components.schemas.Problem.properties.code.enum.splice(-1, 1),
    "GET /events: room_full is not 429": (bad) => (bad.paths["/events"].get.responses["429"] = { description: "`room_full`" }),
  });
  assert.deepEqual(wrongCodes(document, problems), []);
});

test("tree: no change has defaults, and nothing required may be left out", () => {
  spoiltEach(wrongFields, {
    "PATCH /rooms/{}: capacity has a default": (bad) => (bad.components.schemas.RoomChange.properties.capacity.default = 50),
    "POST /rooms/{}/messages: content is required and may be left out": (bad) =>
      (bad.components.schemas.NewMessage.properties.content.description = "Without one it is generated."),
    "POST /rooms/{}/messages: content is required and has a default": (bad) =>
      (bad.components.schemas.NewMessage.properties.content.default = "x"),
  });
  assert.deepEqual(wrongFields(document), []);
});

test("tree: every refusal that the tests know stands in the API document", () => {
  for (const route of ROUTES) {
    const name = `${route.method} ${route.path.replace(/\{\w+\}/g, "{}")}`;
    const { operation } = operations(document).find((one) => one.name === name);
    for (const { status, suffix, why } of refusals(route))
      assert.ok(suffix || status in operation.responses, `${name}: ${why}: ${status}`);
  }
});

test("tree: the forms of events and the longest wait of a poll are those of the document", () => {
  const { get } = document.paths["/events"];
  const types = typesOfEvents(sources);
  assert.equal(types.length, 4);
  assert.deepEqual(Object.keys(get.responses["200"].content).sort(), types.sort());
  const [, preset, longest] = /WAIT_DEFAULT_S = (\d+), WAIT_MAX_S = (\d+)/.exec(sources["api/feed/subscription.c"]);
  const wait = get.parameters.find(({ name }) => name === "wait");
  assert.equal(wait.schema.default, Number(preset));
  assert.match(wait.description, new RegExp(`more than ${longest} counts as ${longest}`));
});

test("tree: S6-7 no room's short address hides another address, and docs/URLS.md has them all", () => {
  const all = { ...sources, "api/http/mount.h": text("api/http/mount.h") };
  const names = ownNames(all, files(/^www\//));
  for (const name of ["api", "events", "metrics", "rooms", "openapi", "app.js"]) assert.ok(names.includes(name), name);
  const ids = reservedIds(text("db/chat/room_check.c"));
  const document = text("docs/URLS.md");
  const aliases = aliasesOf(text("api/http/aliases.def"));
  assert.deepEqual(strangeAddresses([...names, "newroute"], ids, document, aliases), ["newroute is not reserved"]);
  assert.deepEqual(strangeAddresses(names, [...ids, "more"], document, aliases), ["more is not documented"]);
  assert.deepEqual(strangeAddresses(names, ids, document.replace("`api`", "`nowhere`"), aliases),
    ["api is not documented", "nowhere is documented, but not reserved"]);
  assert.deepEqual(strangeAddresses(names, ids, document, [...aliases, { method: "GET", path: "/x" }]), ["GET /x is not documented"]);
  assert.deepEqual(strangeAddresses(names, ids, document, aliases), []);
});
