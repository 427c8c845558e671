/*
 * A disk that takes what is written and then cannot keep it: tests/shim/
 * syncfails.c is preloaded into a server's programs, and lets syncs of the log
 * fail as a file says.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { BUILD } from "./server.mjs";

const ALL = 2 ** 40;
const WORD = 8;

export class Syncs {
  constructor() {
    this.dir = mkdtempSync(join(tmpdir(), "parlor-sync-"));
    this.file = openSync(join(this.dir, "order"), "w+");
    process.on("exit", () => this.end());
    this.succeed();
  }

  get env() {
    return { LD_PRELOAD: join(BUILD, "tests/shim/syncfails.so"), SYNCFAILS: join(this.dir, "order") };
  }

  /* From now on the next TIMES fail as ERROR ("EIO") says. */
  fail(error, times = ALL) {
    this.#order(times, constants.errno[error]);
  }

  succeed() {
    this.#order(0, 0);
  }

  /* How many are still to fail. */
  get left() {
    const word = Buffer.alloc(WORD);
    readSync(this.file, word, 0, WORD, 0);
    return Number(word.readBigInt64LE());
  }

  #order(times, error) {
    const words = Buffer.alloc(2 * WORD);
    words.writeBigInt64LE(BigInt(times), 0);
    words.writeBigInt64LE(BigInt(error), WORD);
    writeSync(this.file, words, 0, words.length, 0);
  }

  end() {
    if (this.file === null) return;
    closeSync(this.file);
    this.file = null;
    rmSync(this.dir, { recursive: true, force: true });
  }
}
