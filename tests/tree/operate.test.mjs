/* What docs/OPERATE.md, its dashboard and its alert rules name: every metric, command and setting is there. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { TOP } from "../e2e/lib/server.mjs";

const text = (path) => readFileSync(join(TOP, path), "utf8");
const metrics = new Set([...text("poller/metrics.def").matchAll(/^METRIC\("(\w+)"/gm)].map(([, name]) => name));
const commands = [...text("db/admin/commands.def").matchAll(/^COMMAND\("([a-z ]+)"/gm)].map(([, name]) => name);

const unknownMetrics = (words) => [...new Set(words.match(/\bparlor_[a-z_]+\b/g))].filter((name) => !metrics.has(name));

test("tree: the dashboard and the alert rules name metrics that there are, and every one of a failing store", () => {
  assert.deepEqual(unknownMetrics("rate(parlor_commits_total[5m]) / parlor_unheard_of"), ["parlor_unheard_of"]);
  const { panels } = JSON.parse(text("docs/operate/dashboard.json"));
  const shown = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join("\n");
  const rules = text("docs/operate/alerts.yml");
  assert.deepEqual(unknownMetrics(`${shown}\n${rules}`), []);
  for (const name of [...metrics].filter((name) => /_storage_|_failures_/.test(name))) {
    assert.ok(shown.includes(name), `the dashboard shows ${name}`);
    assert.ok(rules.includes(name), `a rule looks at ${name}`);
  }
});

test("tree: the alert rules are YAML, each with its severity and what to do", () => {
  const read = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))";
  const input = text("docs/operate/alerts.yml");
  const { groups } = JSON.parse(execFileSync("/usr/bin/python3", ["-c", read], { input }));
  const rules = groups.flatMap((group) => group.rules);
  assert.ok(rules.length >= 9);
  for (const { alert, expr, labels, annotations } of rules)
    assert.ok(alert && expr && /^(critical|warning)$/.test(labels.severity) && /\.$/.test(annotations.summary), alert);
});

test("tree: OPERATE names metrics and commands that there are", () => {
  const operate = text("docs/OPERATE.md");
  assert.deepEqual(unknownMetrics(operate), []);
  const used = [...operate.matchAll(/(?:^|`)parlor (?:--data \S+ )?((?:room |key |ban )?[a-z]+)/gm)].map(([, name]) => name);
  for (const name of new Set(used)) assert.ok(commands.includes(name), `parlor ${name}`);
  assert.ok(used.length > 3);
});
