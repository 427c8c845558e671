/*
 * Reads a Dockerfile, as far as docs/image/Dockerfile goes.
 *
 *   stages(text)   [{base, name, steps: [{name, words, rest}]}]
 *   listed(text)   the paths that a .dockerignore of the form "*", "!path" lets in
 *
 * WORDS are those of COPY and its like, or of the JSON of an exec form; REST is
 * what the shell runs.  What it does not know is an error.
 */
const KNOWN = ["FROM", "RUN", "COPY", "WORKDIR", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT"];

/* Lines that end with \ go on; comments and empty lines are nothing. */
function logical(text) {
  const lines = text.split("\n").filter((line) => !/^\s*(#|$)/.test(line));
  return lines.join("\n").replace(/\\\n\s*/g, "").split("\n");
}

function step(line) {
  const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
  if (!KNOWN.includes(name)) throw new Error(`cannot read: ${line}`);
  const [, options, form] = /^((?:--[a-z-]+=\S+\s+)*)(.*)$/.exec(rest);
  const flags = Object.fromEntries([...options.matchAll(/--([a-z-]+)=(\S+)/g)].map(([, flag, value]) => [flag, value]));
  const [, array] = /^(?:CMD )?(\[.*\])$/.exec(form) ?? [];
  return { name, flags, rest: form, words: array ? JSON.parse(array) : form.split(/\s+/) };
}

export function stages(text) {
  const found = [];
  for (const one of logical(text).map(step)) {
    if (one.name !== "FROM") {
      found.at(-1).steps.push(one);
      continue;
    }
    const [base, as, name] = one.words;
    if (as !== undefined && as !== "AS") throw new Error(`cannot read: FROM ${one.rest}`);
    found.push({ base, name, steps: [] });
  }
  return found;
}

export function listed(text) {
  const [first, ...lines] = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  if (first !== "*" || !lines.every((line) => line.startsWith("!"))) throw new Error("not of the form *, !path");
  return lines.map((line) => line.slice(1));
}

/* What a container of the last stage is started with. */
export function configuration({ steps }) {
  const last = (name) => steps.findLast((one) => one.name === name);
  const env = steps.filter(({ name }) => name === "ENV").flatMap(({ words }) => words);
  const [uid, gid] = last("USER").words[0].split(":").map(Number);
  return {
    env, uid, gid,
    entrypoint: last("ENTRYPOINT").words,
    health: { words: last("HEALTHCHECK").words, flags: last("HEALTHCHECK").flags },
    volumes: steps.filter(({ name }) => name === "VOLUME").flatMap(({ words }) => words),
    port: last("EXPOSE").words[0],
    stop: last("STOPSIGNAL").words[0],
  };
}

/* The packages that a step installs by name. */
export function packages({ steps }) {
  return steps.flatMap(({ name, rest }) => name === "RUN" ? [...rest.matchAll(/apt-get install ([^&]*)/g)] : [])
    .flatMap(([, words]) => words.trim().split(/\s+/)).filter((word) => !word.startsWith("-"));
}
