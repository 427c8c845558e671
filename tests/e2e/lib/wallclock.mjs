/*
 * A wall clock for one server: tests/shim/wallclock.c is preloaded into its
 * programs, and shifts their wall clock by what a file says.
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BUILD } from "./server.mjs";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export class WallClock {
  off = 0;

  constructor() {
    this.dir = mkdtempSync(join(tmpdir(), "parlor-clock-"));
    this.file = openSync(join(this.dir, "off"), "w");
    process.on("exit", () => this.end());
    this.move(0);
  }

  /* The environment of a program that uses it. */
  get env() {
    return { LD_PRELOAD: join(BUILD, "tests/shim/wallclock.so"), WALLCLOCK: join(this.dir, "off") };
  }

  /* Moves the clock by MS. */
  move(ms) {
    this.off += ms;
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(this.off));
    writeSync(this.file, bytes, 0, bytes.length, 0);
  }

  now() {
    return Date.now() + this.off;
  }

  end() {
    if (this.file === null) return;
    closeSync(this.file);
    this.file = null;
    rmSync(this.dir, { recursive: true, force: true });
  }
}
