/*
 * The forms in which Parlor is deployed.  One suite runs on all of them:
 *
 *   FORM=proxy node --test tests/e2e/join.test.mjs
 *
 * front: what stands before the programs, none in the embedded form; at: the
 * folder that the page lies in; daemon: whether the poller runs; pace: how much
 * longer everything may take (mod_fcgid lets requests wait in steps of a
 * second, plain CGI starts a process for each).
 */
export const FORMS = {
  embedded: { front: null, at: "", daemon: true, pace: 1 },
  proxy: { front: "proxy", at: "", daemon: true, pace: 1 },
  "proxy-chat": { front: "proxy", at: "/chat", daemon: true, pace: 1 },
  fcgid: { front: "fcgid", at: "", daemon: false, pace: 4 },
  "fcgid-chat": { front: "fcgid", at: "/chat", daemon: true, pace: 4 },
  cgi: { front: "cgi", at: "", daemon: false, pace: 4 },
  "cgi-chat": { front: "cgi", at: "/chat", daemon: false, pace: 4 },
};

const name = process.env.FORM ?? "embedded";
if (!(name in FORMS)) throw new Error(`FORM is one of ${Object.keys(FORMS).join(", ")}`);

export const FORM = { name, ...FORMS[name] };

/* Features that a test may need and not every form has. */
const HAS = {
  daemon: FORM.daemon,
  websocket: FORM.daemon,
  embedded: FORM.front === null,
  front: FORM.front !== null,
  scripted: ["cgi", "fcgid"].includes(FORM.front),
  proxied: FORM.front === "proxy",
  quick: FORM.pace === 1,
};

export function formHas(needs = []) {
  return [needs].flat().every((need) => HAS[need]);
}
