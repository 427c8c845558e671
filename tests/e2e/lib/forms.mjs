/*
 * The forms in which Parlor is deployed.  One suite runs on all of them:
 *
 *   FORM=proxy node --test tests/e2e/join.test.mjs
 *
 * front: the web server before the programs and its configuration, none where the
 * poller is reached directly; at: the folder that the page lies in; daemon: whether
 * the poller runs; embed: whether it answers everything (--embed); services: whether API
 * and poller run as two services; pace: how much longer everything may take
 * (mod_fcgid lets requests wait in steps of a second, plain CGI starts a process
 * for each).
 */
const services = { daemon: true, services: true, pace: 1 };
const embedded = { daemon: true, embed: true, pace: 1 };
const onDemand = { services: false, embed: false, pace: 4 };

export const FORMS = {
  embedded: { front: null, at: "", ...embedded },
  proxy: { front: "proxy", at: "", ...services },
  "proxy-chat": { front: "proxy", at: "/chat", ...services },
  fcgid: { front: "fcgid", at: "", daemon: false, ...onDemand },
  "fcgid-chat": { front: "fcgid", at: "/chat", daemon: true, ...onDemand },
  cgi: { front: "cgi", at: "", daemon: false, ...onDemand },
  "cgi-chat": { front: "cgi", at: "/chat", daemon: false, ...onDemand },
  nginx: { front: "nginx", at: "", ...services },
  "nginx-chat": { front: "nginx", at: "/chat", ...services },
  "nginx-embedded": { front: "nginx", at: "", ...embedded },
  "nginx-embedded-chat": { front: "nginx", at: "/chat", ...embedded },
  lighttpd: { front: "lighttpd", at: "", ...services },
  "lighttpd-chat": { front: "lighttpd", at: "/chat", ...services },
  "lighttpd-embedded": { front: "lighttpd", at: "", ...embedded },
  "lighttpd-embedded-chat": { front: "lighttpd", at: "/chat", ...embedded },
  caddy: { front: "caddy", at: "", ...services },
  "caddy-chat": { front: "caddy", at: "/chat", ...services },
  "caddy-embedded": { front: "caddy", at: "", ...embedded },
  "caddy-embedded-chat": { front: "caddy", at: "/chat", ...embedded },
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
  services: Boolean(FORM.services),
  apart: !FORM.embed,
  apache: ["proxy", "cgi", "fcgid"].includes(FORM.front),
  buffering: FORM.front === "nginx",
  brotli: FORM.front !== "nginx" || Boolean(FORM.embed),
  intercepting: FORM.front !== "lighttpd",
  problems: ["nginx", "caddy"].includes(FORM.front),
  limiting: FORM.front === "nginx",
  quick: FORM.pace === 1,
};

export function formHas(needs = []) {
  return [needs].flat().every((need) => HAS[need]);
}
