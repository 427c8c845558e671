// parts: e2e form front
/* `parlor doctor` finds nothing wrong with a site that is as the documents say. */
import assert from "node:assert/strict";
import { FORM } from "./lib/forms.mjs";
import { onServer } from "./lib/scene.mjs";

const told = onServer({ settings: { hb_ms: 300, cors_origins: "https://friend.example" } });

told("doctor: a site that is as the documents say is well", async ({ server }) => {
  const program = server.program("parlor", ["doctor", `${server.url}/`, "--origin", "https://friend.example"]);
  await program.done(0);
  const said = String(program.stdout);
  assert.match(said, /^all is well: looked at the page, its files, the API, .*a stream, /m);
  assert.equal(/^note: visitors get polls/m.test(said), !FORM.daemon, said);
});
