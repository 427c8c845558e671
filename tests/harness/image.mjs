/*
 * Carries out the steps of docs/image/Dockerfile without Docker, in copies of a
 * root that stands for the image that it begins with.
 *
 *   buildImage(directory)   DIRECTORY/base becomes DIRECTORY/image; its configuration
 *   ownSize(directory)      what lies in the image and not in its base
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { TOP, files, text } from "../tree/lib/tree.mjs";
import { run } from "./container.mjs";
import { configuration, listed, stages } from "./dockerfile.mjs";

export const sh = (...words) => execFileSync(words[0], words.slice(1), { encoding: "utf8" });

/* What a build may copy: files of the tree that the .dockerignore lets in. */
function context(to) {
  const allowed = listed(text("docs/image/Dockerfile.dockerignore"));
  for (const file of files().filter((name) => allowed.some((one) => name === one || name.startsWith(`${one}/`)))) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(TOP, file), join(to, file));
  }
}

/* A folder's contents go into TO; so does a file, if TO ends with a slash or there are several. */
function copy(from, sources, to) {
  for (const source of sources.map((name) => join(from, name))) {
    const folder = statSync(source).isDirectory();
    const into = folder || to.endsWith("/") || sources.length > 1;
    mkdirSync(into ? to : dirname(to), { recursive: true });
    sh("cp", "-a", "--no-preserve=ownership", folder ? `${source}/.` : source, to);
  }
}

function carryOut(stage, root, directoryOf) {
  const env = [];
  let directory = "/";
  for (const { name, flags, words, rest } of stage.steps) {
    if (name === "RUN") run(root, ["/bin/sh", "-c", rest], { env, directory });
    else if (name === "ENV") env.push(...words);
    else if (name === "WORKDIR") mkdirSync(join(root, directory = words[0]), { recursive: true });
    else if (name === "COPY") {
      const to = words.at(-1);
      copy(directoryOf(flags.from ?? "context"), words.slice(0, -1), join(root, to.startsWith("/") ? to : `${directory}/${to}`));
    }
  }
}

/* The last stage is "image". */
export function buildImage(directory) {
  const directoryOf = (name) => join(directory, name);
  const all = stages(text("docs/image/Dockerfile"));
  context(directoryOf("context"));
  for (const stage of all) {
    const root = directoryOf(stage.name ?? "image");
    sh("cp", "-a", directoryOf("base"), root);
    carryOut(stage, root, directoryOf);
  }
  return configuration(all.at(-1));
}

export function ownSize(directory) {
  const list = (name) => sh("find", join(directory, name), "-xdev", "-type", "f", "-printf", "%P\t%s\t%T@\n").trim().split("\n");
  const kilobytes = (lines) => Math.ceil(lines.reduce((sum, line) => sum + Number(line.split("\t")[1]), 0) / 1000);
  const base = list("base");
  const inBase = new Set(base);
  const own = list("image").filter((line) => !inBase.has(line));
  const largest = own.map((line) => line.split("\t")).sort(([, a], [, b]) => b - a).slice(0, 8);
  const parts = largest.map(([name, bytes]) => `${name} ${Math.ceil(bytes / 1000)}`);
  return `${kilobytes(own)} KB on a base of ${kilobytes(base)} KB (${parts.join(", ")})`;
}
