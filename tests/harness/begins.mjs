/*
 * Preloaded into every test file: prints which test begins. It writes at once,
 * since a test that hangs may never let the reporter write.
 */
import { writeSync } from "node:fs";
import { beforeEach } from "node:test";

/* Only test files have this in their environment (tests/harness/files.mjs). */
if (process.env.NODE_TEST_CONTEXT === "child-v8")
  beforeEach(({ name }) => {
    writeSync(2, `# begins ${name}\n`);
  });
