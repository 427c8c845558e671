/*
 * A small file system of a test's own, to be filled and to be made read-only.
 *
 *   const server = await s.serve({ disk: "8m" });
 *   await server.disk.fill();      until nothing more goes in
 *   await server.disk.free();
 *   await server.disk.mode("ro");  remounted; "rw": back again
 *
 * Only root may mount; others run the test under `unshare -rm`.
 */
import { execFile } from "node:child_process";
import { open, mkdir, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const PIECES = [65536, 4096];

export class Disk {
  constructor(at, size) {
    Object.assign(this, { at, size });
  }

  async mount() {
    await mkdir(this.at, { recursive: true });
    await run("mount", ["-t", "tmpfs", "-o", `size=${this.size},mode=0700`, "parlor-test", this.at]);
  }

  async unmount() {
    await run("umount", ["-l", this.at]);
  }

  async mode(how) {
    await run("mount", ["-o", `remount,${how}`, this.at]);
  }

  async left() {
    const { bavail, bsize } = await statfs(this.at);
    return bavail * bsize;
  }

  /* Fills it, except for KEEP bytes. */
  async fill(keep = 0) {
    const file = await open(join(this.at, "filler"), "a");
    try {
      for (const size of PIECES)
        for (const piece = Buffer.alloc(size, "x"); (await this.left()) >= keep + size;)
          await file.write(piece);
    } catch (error) {
      if (error.code !== "ENOSPC") throw error;
    } finally {
      await file.close();
    }
  }

  async free() {
    await rm(join(this.at, "filler"), { force: true });
  }
}
