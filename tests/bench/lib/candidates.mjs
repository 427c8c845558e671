/*
 * The candidates: Parlor in its two forms, and its peers, each started afresh
 * in a directory of its own on a free port.
 *
 *   const one = await CANDIDATES.parlor({ cpu: 0, streams: 10000 });
 *   one.address, one.dialect, one.pids       for the load generator
 *   await one.end();
 *
 * BUILD is the directory of the programs: those of this tree, if none is given.
 * A CPU of null means that it may run anywhere.
 */
import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { BUILD, Program, Server, TOP, environment } from "../../e2e/lib/server.mjs";
import { until } from "../../e2e/lib/wait.mjs";
import { fill } from "./fill.mjs";

const APACHE_MODULES = "/usr/lib/apache2/modules";
const NCHAN_MODULE = "/usr/lib/nginx/modules/ngx_nchan_module.so";
const OTHER_FILES = 2000;

/* Descriptors that a process may have. */
const FILES = Number(execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" })) || 2 ** 20;

/* Streams that a process may have, less the descriptors for other things. */
export const STREAMS_MAX = FILES - OTHER_FILES;

/* The command that runs FILE on that CPU. */
export function command(file, args, cpu) {
  return cpu === null ? [file, ...args] : ["taskset", "-c", String(cpu), file, ...args];
}

export function run(words, env = environment()) {
  return new Program(words[0], words.slice(1), { env });
}

class PinnedServer extends Server {
  async prepare() {
    await super.prepare();
    if (this.filled) fill(this.build, this.data, this.filled);
  }

  program(name, args = [], extra = {}) {
    return run(command(join(this.build, name), args, this.cpu), this.env(extra));
  }
}

function settings(streams, more) {
  return {
    streams_per_token: 0, streams_max: streams + OTHER_FILES, room_capacity: 100_000,
    join_lease_ms: 600_000, ...more,
  };
}

function listening(port) {
  return new Promise((done) => {
    const socket = net.connect(port, "127.0.0.1", () => done(true));
    socket.on("error", () => done(false));
    socket.on("close", () => done(false));
    socket.on("connect", () => socket.destroy());
  });
}

async function freePort() {
  const server = net.createServer();
  const port = await new Promise((done) => server.listen(0, "127.0.0.1", () => done(server.address().port)));
  await new Promise((done) => server.close(done));
  return port;
}

/* A program whose configuration is in a directory that others may read. */
async function configured(text, words, cpu) {
  const dir = await mkdtemp(join(tmpdir(), "parlor-bench-"));
  const port = await freePort();
  await chmod(dir, 0o755);
  const file = join(dir, "conf");
  await writeFile(file, text(dir, port));
  const program = run(command(words[0], words.slice(1).map((word) => (word === "CONF" ? file : word)), cpu));
  await until(async () => {
    if (program.ended) throw Object.assign(new Error(program.tail()), { final: true });
    return listening(port);
  }, `${words[0]} listens`);
  const end = async () => {
    await program.stop();
    await rm(dir, { recursive: true, force: true });
  };
  return { program, address: `127.0.0.1:${port}`, end };
}

/* The workers run as the user who runs this. */
function nginxConf(dir, port) {
  return `daemon off;
worker_processes 1;
${process.getuid() === 0 ? `user ${userInfo().username};` : ""}
worker_rlimit_nofile ${FILES};
pid ${dir}/pid;
load_module ${NCHAN_MODULE};
events { worker_connections ${FILES - 8}; multi_accept on; }
http {
  access_log off;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  keepalive_timeout 3600s;
  client_body_temp_path ${dir}/body;
  proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi;
  scgi_temp_path ${dir}/scgi;
  nchan_shared_memory_size 512M;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = /pub { nchan_publisher http; nchan_channel_id $arg_id; nchan_message_buffer_length 100; }
    location = /poll { nchan_subscriber longpoll; nchan_channel_id $arg_id; nchan_subscriber_first_message newest; }
    location = /sub { nchan_subscriber eventsource; nchan_channel_id $arg_id; nchan_subscriber_first_message newest; }
  }
}
`;
}

async function nchan({ cpu }) {
  const words = ["nginx", "-e", "stderr", "-c", "CONF"];
  const one = await configured(nginxConf, words, cpu);
  return { ...one, dialect: "nchan", pids: [one.program.pid] };
}

async function floor({ cpu }) {
  const program = run(command(join(BUILD, "tests/load/floor"), [], cpu));
  const [, address] = await until(() => /^listening (\S+)$/m.exec(program.stdout.toString()), "the floor listens");
  return { address, dialect: "nchan", pids: [program.pid], end: () => until(() => program.ended || program.child.kill("SIGKILL"), "the floor has ended") };
}

/* The embedded form; FILLED: the number of messages already in it. */
async function parlor({ cpu, build = BUILD, streams = 0, filled = 0, more = {} }) {
  const server = new PinnedServer({ build, settings: settings(streams, more) });
  Object.assign(server, { cpu, filled });
  await server.start();
  return { server, get address() { return server.address; }, dialect: "parlor", get pids() { return [server.pid]; }, end: () => server.end() };
}

/* No program: its arm starts what it measures. */
async function nothing() {
  return { pids: [], end: async () => {} };
}

/* Few processes, so that the figures are of Parlor and not of Apache's start. */
const WORKERS = `StartServers 1
ServerLimit 2
ThreadLimit 192
ThreadsPerChild 192
MaxRequestWorkers 384
MinSpareThreads 32
MaxSpareThreads 384`;
const SHIPPED = `Include ${join(TOP, "docs/apache/mpm_event.conf")}`;

const apacheConf = (server, socket, workers) => (dir, port) => `ServerRoot ${dir}
ServerName localhost
Listen 127.0.0.1:${port}
PidFile ${dir}/pid
ErrorLog ${dir}/error.log
Mutex posixsem
${["mpm_event", "authz_core", "proxy", "proxy_fcgi", "proxy_http"].map((name) => `LoadModule ${name}_module ${APACHE_MODULES}/mod_${name}.so`).join("\n")}
${process.getuid() === 0 ? "User www-data\nGroup www-data" : ""}
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 600
${workers}
DocumentRoot ${dir}
<Proxy "unix:${socket}|fcgi://parlor/" flushpackets=on timeout=60>
</Proxy>
<Location /api>
  CGIPassAuth On
  ProxyFCGIBackendType GENERIC
  SetHandler "proxy:unix:${socket}|fcgi://parlor/"
</Location>
ProxyPass /events http://${server.address}/events timeout=90
`;

/*
 * Apache in front: the API by FastCGI, the streams from the poller.  SHIPPED:
 * with docs/apache/mpm_event.conf.
 */
async function apache({ cpu, build = BUILD, streams = 0, filled = 0, more = {}, apiArgs = [], shipped = false }) {
  const server = new PinnedServer({ build, settings: settings(streams, more), embed: false });
  Object.assign(server, { cpu, filled });
  await server.start();
  await chmod(server.dir, 0o755);
  const { program: api, socket } = await server.fastcgi(apiArgs);
  await chmod(socket, 0o666);
  const front = await configured(apacheConf(server, socket, shipped ? SHIPPED : WORKERS), ["apache2", "-D", "FOREGROUND", "-f", "CONF"], cpu);
  const end = async () => {
    await front.end();
    await server.end();
  };
  return { server, address: front.address, dialect: "parlor", pids: [front.program.pid, api.pid, server.pid], api, end };
}

export const CANDIDATES = { parlor, apache, nchan, floor, nothing };
