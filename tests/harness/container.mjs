/*
 * Roots in which programs run as in a container: a namespace of processes,
 * mounts and network of their own.  Root alone can do this.
 *
 *   run(root, words, options)        runs words to their end, with the network
 *   new Container(root, options)     runs them as process 1, without it
 *   container.exec(words)            beside it, as its user
 *   container.curl(words)            this machine's curl in its network
 *   await container.stop(signal)     its exit status
 */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* Mounts, and then a shell that becomes the program.  MOUNTS: "from=to" each; what a thing is mounted on is made. */
const INSIDE = `set -e
root=$1; sealed=$2; mounts=$3; shift 3
for pair in $mounts; do
	to=$root\${pair#*=}
	if [ -d "\${pair%%=*}" ]; then mkdir -p "$to"; else mkdir -p "\${to%/*}"; : >>"$to"; fi
done
mount --bind "$root" "$root"
[ -z "$sealed" ] || mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
[ -z "$sealed" ] || { ip link set lo up; mount -t tmpfs tmpfs "$root/tmp"; }
for pair in $mounts; do mount --bind "\${pair%%=*}" "$root\${pair#*=}"; done
exec chroot "$root" "$@"`;

/* Without any right but those of its user and RIGHTS, capabilities. */
function asUser({ uid, gid, groups = [], rights = [] }) {
  const others = groups.length > 0 ? `--groups=${groups.join(",")}` : "--clear-groups";
  return ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, others, `--bounding-set=${["-all", ...rights.map((name) => `+${name.toLowerCase()}`)].join(",")}`, "--no-new-privs"];
}

export function run(root, words, { env = [], directory = "/" } = {}) {
  const inside = ["env", "-i", "-C", directory, PATH, "HOME=/root", "DEBIAN_FRONTEND=noninteractive", ...env, ...words];
  const { status, stdout, stderr } = spawnSync("unshare", ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", INSIDE, "sh", root, "", "", ...inside],
    { encoding: "utf8", maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${words.join(" ")}: ${status}\n${(stdout + stderr).slice(-4000)}`);
  return stdout;
}

export class Container {
  said = "";

  constructor(root, { words, user, env = [], mounts = {} }) {
    this.words = ["env", "-i", PATH, ...env, ...asUser(user)];
    const pairs = Object.entries(mounts).map(([to, from]) => `${from}=${to}`).join(" ");
    this.child = spawn("unshare", ["--mount", "--pid", "--net", "--fork", "--kill-child", "sh", "-c", INSIDE, "sh", root, "sealed", pairs, ...this.words, ...words]);
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on("data", (bytes) => (this.said += bytes));
    this.exited = new Promise((ended) => this.child.on("close", ended));
  }

  /* Process 1, as this machine numbers it. */
  get pid() {
    const { pid } = this.child;
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);
  }

  #enter(spaces, words) {
    const { status, stdout, stderr } = spawnSync("nsenter", ["--target", String(this.pid), ...spaces, ...words], { maxBuffer: 1 << 28 });
    return { status, bytes: stdout, out: String(stdout), err: String(stderr) };
  }

  exec(words) {
    return this.#enter(["--mount", "--net", "--pid", "--root", "--wd"], [...this.words, ...words]);
  }

  curl(words) {
    return this.#enter(["--net"], ["curl", "-sS", "--max-time", "20", ...words]);
  }

  stop(signal) {
    process.kill(this.pid, signal);
    return this.exited;
  }

  /* The end of unshare would not end a program that has changed its user. */
  kill() {
    if (this.child.exitCode === null) process.kill(this.pid, "SIGKILL");
    return this.exited;
  }
}
