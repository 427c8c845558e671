/* Every test can fail, and none waits for time alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { cannotFail, cannotFailC, checksOf, waitsForTime } from "./lib/proof.mjs";
import { files, grep, text } from "./lib/tree.mjs";

/* Their methods set the scene; these are those that check something. */
const SCENERY = /^tests\/e2e\/lib\/(client|scene|server)\.mjs$/;
const SCENERY_C = /\/(act|eventlog|fake_clock|fixture|make|tmpdir|write)\.c$/;
const CHECKS = ["line", "done", "retryWithMoreTime"];

function libraryChecks() {
  const libraries = files(/^tests\/(e2e|soak|page|tree)\/lib(\/[a-z-]+)?\.mjs$|^tests\/tree\/coverage\.mjs$/).filter((name) => !SCENERY.test(name));
  return new Set([...CHECKS, ...libraries.flatMap((name) => [...checksOf(text(name))])]);
}

test("E8 every test for node asserts something or waits for a condition", () => {
  const can = 'test("a", () => { assert.equal(x, 1); });';
  const by = 'const check = () => until(() => x); test("b", async () => { await check(); });';
  const cannot = 'test("c", async (s) => { const { room } = await s.room(); await s.member(room); });';
  assert.deepEqual(cannotFail(can + by + cannot, new Set()), ["c"]);
  assert.deepEqual(cannotFail('told("d", (s) => s.said("x"));', new Set(["said"])), []);
  const tests = files(/^tests\/(e2e|soak|page|tree)\/[a-z-]+\.test\.mjs$/);
  assert.ok(tests.length > 40);
  const checks = libraryChecks();
  assert.deepEqual(tests.flatMap((file) => cannotFail(text(file), checks).map((name) => `${file}: ${name}`)), []);
});

test("E8 every unit test asserts something", () => {
  const f = (name, body) => `static void\n${name}(void **state)\n{\n\t${body}\n}\n`;
  const main = f("main", "cmocka_unit_test(a); TEST(b); cmocka_unit_test(c);");
  const code = f("a", "assert_true(x);") + f("look", "assert_int_equal(x, 1);") + f("b", "look();") + f("c", "ring();") + main;
  assert.deepEqual(cannotFailC(code), ["c"]);
  const programs = files(/^tests\/unit\/[a-z0-9_]+\.c$/);
  assert.ok(programs.length > 25);
  const helpers = files(/^tests\/lib\/[a-z_]+\.c$/).filter((name) => !SCENERY_C.test(name)).map(text).join("\n");
  assert.deepEqual(programs.flatMap((file) => cannotFailC(text(file), helpers).map((name) => `${file}: ${name}`)), []);
});

/* A test that something does not happen has no condition to wait for, only a time. */
const TIME_ITSELF = {
  "tests/e2e/leave.test.mjs": 1, /* the machine stands still for longer than a lease */
  "tests/e2e/burst.test.mjs": 1, /* a shortage is not logged again */
  "tests/e2e/harness.test.mjs": 1, /* a deed takes longer than it may */
  "tests/e2e/supervisor.test.mjs": 1, /* a worker at rest uses no processor */
};

test("E8 no test waits for time alone", () => {
  for (const bad of [
    'import { setTimeout as pause } from "node:timers/promises";', "await until(() => performance.now() - began > 1000, x);",
    "await new Promise((done) => setTimeout(done, 100));", "await page.waitForTimeout(5);", "await until(() => { return Date.now() > end; });",
  ]) assert.equal(waitsForTime(bad).length, 1, bad);
  assert.deepEqual(waitsForTime("await until(() => polls() > 3 && Date.now() > x, y);"), []);
  const found = files(/^tests\/(e2e|soak|page|tree)\/[a-z-]+\.test\.mjs$/).map((file) => [file, waitsForTime(text(file)).length]);
  assert.deepEqual(Object.fromEntries(found.filter(([, n]) => n > 0)), TIME_ITSELF);
  const sleeps = /\b(nano|u)?sleep\s*\(|\bclock_nanosleep\b|\bpoll\(NULL|\bselect\(0\b/;
  assert.match("\tnano" + "sle" + "ep(&t, NULL);", sleeps);
  assert.deepEqual(grep(files(/^tests\/(unit|lib)\/.*\.[ch]$/), sleeps), []);
});
