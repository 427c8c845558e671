/* The Debian package agrees with the programs that it is made of. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { TOP, text } from "./lib/tree.mjs";

test("tree: the package has the version of the programs", () => {
  const [, version] = /PARLOR_VERSION "(.+)"/.exec(text("db/base/version.h"));
  const [, upstream] = /^parlor \((.+)-\d+\) /.exec(text("docs/debian/changelog"));
  assert.equal(upstream, version);
});

/* The packages in a field of docs/debian/control. */
function listed(field) {
  const [, lines] = new RegExp(`^${field}:((?:\n? .*)+)`, "m").exec(text("docs/debian/control"));
  return lines.split(",").map((one) => one.trim().split(" ")[0]).filter(Boolean);
}

test("tree: the package is built with the packages that the build needs", () => {
  const packages = execFileSync(join(TOP, ".ci/packages"), ["--list", "build"], { encoding: "utf8" }).trim().split(/\s+/);
  const essential = ["gcc", "libc6-dev"];
  assert.deepEqual(listed("Build-Depends").sort(), [...packages.filter((one) => !essential.includes(one)), "debhelper-compat"].sort());
});

test("tree: the settings file of the package has only settings, and the data where the package removes it", () => {
  const names = [...text("db/base/settings.def").matchAll(/^SETTING_\w+\((\w+),/gm)].map(([, name]) => name);
  const lines = [...text("docs/debian/parlor.conf").matchAll(/^#?(\w+) = (.*)$/gm)];
  assert.ok(lines.length >= 2);
  for (const [, name] of lines) assert.ok(names.includes(name), name);
  const [, , data] = lines.find(([, name]) => name === "data");
  assert.ok(text("docs/debian/postrm").includes(`rm -rf ${data}\n`));
  assert.ok(text("docs/systemd/sysusers.conf").endsWith(` ${data}\n`));
});

test("tree: the commands for the package enable the modules that its configuration of Apache needs", () => {
  const [, needed] = /^# Modules: (.*)$/m.exec(text("docs/apache/proxy.conf"));
  const there = ["alias", "setenvif", "proxy"]; // two are enabled by Debian, the third by the others
  const line = `a2enmod ${needed.split(" ").filter((one) => !there.includes(one)).join(" ")}\n`;
  for (const file of ["README.md", "docs/DEPLOY.md", "docs/debian/apache.conf"])
    assert.ok(text(file).includes(line), `${file}: ${line}`);
});
