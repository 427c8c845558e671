/* The machine on which the figures were measured. */
import { execFileSync } from "node:child_process";
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { cpus, loadavg, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { median } from "./table.mjs";

const SYNCS = 50;

function first(file, args, pattern) {
  try {
    return pattern.exec(execFileSync(file, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }))?.[1] ?? "unknown";
  } catch {
    return "not there";
  }
}

function version(name) {
  return first("dpkg-query", ["-W", "-f", "${Version}", name], /^(.+)$/);
}

function debian() {
  return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "unknown";
}

/* How long the disk takes to make 4 KB durable, in ms: `fd` in the targets. */
export function sync() {
  const dir = mkdtempSync(join(tmpdir(), "parlor-sync-"));
  const fd = openSync(join(dir, "file"), "w");
  const page = Buffer.alloc(4096);
  const took = Array.from({ length: SYNCS }, () => {
    const begin = performance.now();
    writeSync(fd, page);
    fdatasyncSync(fd);
    return performance.now() - begin;
  });
  closeSync(fd);
  rmSync(dir, { recursive: true });
  return median(took);
}

export function machine() {
  return {
    cores: cpus().length,
    cpu: cpus()[0].model.trim(),
    memory_gb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    system: debian(),
    file_system: first("stat", ["-f", "-c", "%T", tmpdir()], /^(\S+)/),
    load_before: loadavg()[0],
    sync_ms: 0,
    tcp: readFileSync("/proc/sys/net/ipv4/tcp_congestion_control", "utf8").trim(),
    nginx: version("nginx"),
    nchan: version("libnginx-mod-nchan"),
    apache: version("apache2"),
    sqlite: version("libsqlite3-0"),
    libmicrohttpd: version("libmicrohttpd12"),
    node: process.versions.node,
    commit: first("git", ["rev-parse", "--short", "HEAD"], /^(\S+)/),
    date: new Date().toISOString().slice(0, 10),
  };
}
