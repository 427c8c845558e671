/* The harness and the checks that keep the tests honest. */
const CONTAIN = "tests/harness/contain.c";
const FILES = "tests/harness/files.mjs";
const PROOF = "tests/tree/lib/proof.mjs";

export default [
  {
    name: "what a test leaves behind goes on", file: CONTAIN, by: ["e2e/runner"],
    old: "\t(void)kill(pid, SIGKILL);\n", now: "",
  },
  {
    name: "a process that a test leaves behind is no failure", file: FILES, by: ["e2e/runner"],
    old: "    for (const program of this.left) this.fail(", now: "    for (const program of []) this.fail(",
  },
  {
    name: "a file that hangs is waited for", file: FILES, by: ["e2e/runner"],
    old: "    this.idle = setTimeout(() => this.child.kill(), s * 1000);", now: "",
  },
  {
    name: "a test that sets a scene alone counts as one", file: PROOF, by: ["tree/proof"],
    old: "  return testsIn(tree).filter(({ body }) => !fails(body, new Set()))", now: "  return testsIn(tree).filter(({ body }) => fails(body, new Set()) === null)",
  },
  {
    name: "the long test files are in no part", file: "tests/run", by: ["tree/parts"],
    old: "for ending in ' \\(long\\)$' '$'; do", now: "for ending in '$'; do",
  },
];
