/* The man pages are written without mistakes, and name all that the programs have. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { kindsOfDef } from "./lib/contract.mjs";
import { TOP, files, text } from "./lib/tree.mjs";

const PAGES = files(/^docs\/man\/[a-z.-]+\.[1-8]$/);
const OWN = PAGES.map((page) => basename(page).replace(/\.(\d)$/, " $1"));

/* {name, body} of each entry ".It Ic NAME ..." of a page; its own lists are in the body. */
function entries(page) {
  return page.split(/^\.It Ic /m).slice(1).map((part) => {
    const body = part.split(/^\.Sh /m)[0];
    return { name: body.split("\n")[0].split(/ (?:Ar|Op|Oo|Fl|Cm)\b/)[0], body };
  });
}

/* What the table of commands has and the page lacks, and the other way round. */
function wrongCommands(def, page) {
  const commands = [...def.matchAll(/^COMMAND\("([^"]+)",\s*"([^"]*)"/gm)];
  const described = new Map(entries(page).map(({ name, body }) => [name, body]));
  const lacking = commands.flatMap(([, name, usage]) => {
    if (!described.has(name)) return [`docs/man/parlor.1 has no entry .It Ic ${name}`];
    const options = usage.match(/--[a-z-]+/g) ?? [];
    return options.filter((option) => !described.get(name).includes(`Fl ${option.slice(1)}`))
      .map((option) => `docs/man/parlor.1: ${name} lacks Fl ${option.slice(1)}`);
  });
  const names = commands.map(([, name]) => name);
  return [...lacking, ...[...described.keys()].filter((name) => !names.includes(name)).map((name) => `there is no command ${name}`)];
}

test("tree: parlor(1) explains every command with its options, and no other", () => {
  const def = 'COMMAND("a b",  "X [--y N]", "z", f)\nCOMMAND("c", "", "z", g)\n';
  assert.deepEqual(wrongCommands(def, ".It Ic a b Ar x\n.It Ic d\n.Sh X\n.It Fl -y\n"), [
    "docs/man/parlor.1: a b lacks Fl -y", "docs/man/parlor.1 has no entry .It Ic c", "there is no command d"]);
  assert.deepEqual(wrongCommands(text("db/admin/commands.def"), text("docs/man/parlor.1")), []);
});

test("tree: parlor-events(7) explains every kind of event", () => {
  const described = entries(text("docs/man/parlor-events.7")).map(({ name }) => name);
  assert.deepEqual(described.sort(), [...kindsOfDef(text("db/rows/kinds.def")), "sync", "hb", "bye"].sort());
});

/* parlor.conf(5) as make installs it, for the table of settings DEF. */
function settingsPage(def) {
  const dir = mkdtempSync(join(tmpdir(), "parlor-man-"));
  try {
    const file = join(dir, "settings.def");
    writeFileSync(file, def);
    const script = [join(TOP, "docs/man/settings.py"), join(TOP, "docs/man/parlor.conf.5"), file];
    const { status, stdout, stderr } = spawnSync("/usr/bin/python3", script, { encoding: "utf8" });
    return { status, said: stdout + stderr };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

test("tree: parlor.conf(5) has an entry for each setting", () => {
  assert.notEqual(settingsPage("SETTING_INT(a, b)\n").status, 0, "a line that it cannot read");
  const small = settingsPage('SETTING_TEXT(a, "b", ALL, ".c d")\nSETTING_INT(e, 1, 0, 9, "ms", API, "f")\n').said;
  assert.match(small, /^\.It Cm a\n\\&\.c d\.\nRead by all programs\.\nThe default is\n\.Ql b \.\n\.It Cm e\nF\.\nRead by\n\.Xr parlor-api 8 \.\nFrom 0 to 9 ms; the default is 1\.$/m);
  const def = text("db/base/settings.def");
  const settings = [...def.matchAll(/^SETTING_\w+\((\w+),/gm)].map(([, name]) => name);
  assert.ok(settings.length > 40);
  const { said } = settingsPage(def);
  assert.deepEqual([...said.matchAll(/^\.It Cm (\w+)$/gm)].map(([, name]) => name), settings);
});

const hasMandoc = spawnSync("mandoc", ["-T", "lint"], { input: "" }).error === undefined;

/* What mandoc finds in a page.  It knows only pages that are installed, so ours count as known. */
function findings(page) {
  const { stdout } = spawnSync("mandoc", ["-T", "lint"], { input: page, encoding: "utf8" });
  const unknown = (line) => OWN.some((name) => new RegExp(`referenced manual not found: Xr ${name}( |$)`).test(line));
  return stdout.split("\n").filter((line) => line !== "" && !unknown(line));
}

if (hasMandoc)
  test("tree: mandoc finds nothing in the man pages", () => {
    const good = text("docs/man/parlor-api.8");
    assert.match(findings(good.replace(".Xr parlor 1", ".Xr parlous 1")).join(), /manual not found: Xr parlous 1/);
    assert.match(findings(good.replace(/^\.Nd .*$/m, "")).join(), /NAME section without description/);
    assert.equal(PAGES.length, 5);
    for (const page of PAGES)
      assert.deepEqual(findings(page.endsWith("parlor.conf.5") ? settingsPage(text("db/base/settings.def")).said : text(page)), [], page);
  });

test("tree: make installs every man page in its section, and the completion for bash", () => {
  const dir = mkdtempSync(join(tmpdir(), "parlor-man-"));
  try {
    execFileSync("make", ["-s", "install", `DESTDIR=${dir}`, "prefix=/usr"], { cwd: TOP, stdio: "pipe" });
    for (const page of PAGES)
      assert.match(readFileSync(join(dir, "usr/share/man", `man${page.at(-1)}`, basename(page)), "utf8"), /^\.Dd /);
    assert.match(readFileSync(join(dir, "usr/share/man/man5/parlor.conf.5"), "utf8"), /^\.It Cm streams_max$/m);
    assert.equal(readFileSync(join(dir, "usr/share/bash-completion/completions/parlor"), "utf8"), text("docs/completion/parlor.bash"));
  } finally {
    rmSync(dir, { recursive: true });
  }
});
