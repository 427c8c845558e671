/*
 * A disk that accepts writes and then fails to sync them: tests/shim/syncfails.c
 * is preloaded into a server's programs, and fails syncs of the write-ahead log
 * as a file tells it.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { BUILD } from "./server.mjs";

const ALL = 2 ** 40;
const WORD = 8;

export class FailingSyncs {
  constructor() {
    this.dir = mkdtempSync(join(tmpdir(), "parlor-sync-"));
    this.file = openSync(join(this.dir, "order"), "w+");
    process.on("exit", () => this.end());
    this.succeed();
  }

  get env() {
    return { LD_PRELOAD: join(BUILD, "tests/shim/syncfails.so"), SYNCFAILS: join(this.dir, "order") };
  }

  /* Lets the next TIMES syncs fail with ERROR, e.g. "EIO". */
  fail(error, times = ALL) {
    this.#order(times, constants.errno[error]);
  }

  succeed() {
    this.#order(0, 0);
  }

  /* How many syncs have yet to fail. */
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
