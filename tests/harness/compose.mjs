/* docs/image/compose.yaml, as far as a test needs it. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { TOP, text } from "../tree/lib/tree.mjs";

export function compose() {
  const read = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))";
  return JSON.parse(execFileSync("/usr/bin/python3", ["-c", read], { input: text("docs/image/compose.yaml"), encoding: "utf8" }));
}

/* {path in the container: path here} of a service's volumes; VOLUMES has those with a name. */
export function mountsOf({ volumes }, named) {
  return Object.fromEntries(volumes.map((line) => line.split(":")).map(([from, to]) =>
    [to, from.startsWith(".") ? join(TOP, "docs/image", from) : named[from]]));
}
