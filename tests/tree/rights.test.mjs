/* docs/RIGHTS.md says what the tables of the program say, and the API document knows each refusal. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { CLASSES, COLUMNS, PROBLEMS, USES } from "../e2e/lib/rights.mjs";
import { operations } from "./lib/contract.mjs";
import { tableIn, tableOfRights } from "./lib/rights.mjs";
import { TOP, files, text } from "./lib/tree.mjs";

const tables = { columns: COLUMNS, classes: CLASSES, uses: USES, problems: PROBLEMS };

test("tree: A9 docs/RIGHTS.md has the rights of every route as the program has them", () => {
  assert.ok(USES.length >= 40 && COLUMNS.length === 12);
  const wrong = { ...tables, classes: { ...CLASSES, EDITOR: { ...CLASSES.EDITOR, moderator: "OK" } } };
  assert.notDeepEqual(tableIn(text("docs/RIGHTS.md")), tableOfRights(wrong));
  assert.deepEqual(tableIn(text("docs/RIGHTS.md")), tableOfRights(tables));
});

test("tree: A9 what a kind of caller gets stands among the responses of the API document", () => {
  const document = JSON.parse(execFileSync(
    join(TOP, "tests/node_modules/.bin/redocly"), ["bundle", "docs/openapi.yaml", "--ext", "json"],
    { cwd: TOP, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
  ));
  for (const { method, path, who } of USES) {
    const name = `${method} ${path.replace(/\{\w+\}/g, "{}")}`;
    const { operation } = operations(document).find((one) => one.name === name);
    for (const cell of Object.values(CLASSES[who]))
      assert.ok(cell === "OK" || PROBLEMS[cell].status in operation.responses, `${name}: ${cell}`);
  }
});

test("tree: B5 every 403 says what is missing, in words of its own", () => {
  const refused = Object.entries(PROBLEMS).filter(([, { status }]) => status === 403);
  assert.equal(new Set(refused.map(([, { detail }]) => detail)).size, refused.length);
  const named = files(/^(api|db|poller)\/.*\.(c|def)$/).filter((file) => file !== "api/http/problem.def").map(text).join("\n");
  for (const [name] of refused) assert.match(named, new RegExp(`\\b(PROBLEM_)?${name}\\b`), `${name} is used`);
});
