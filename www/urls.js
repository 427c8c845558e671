/*
 * urls: the addresses within a text, as a careful reader would underline them.
 *
 * An address begins with http://, https:// or www. (which is taken for
 * https://).  Nothing else becomes a link; neither do mail addresses.
 *
 * The host comes first, and it comes whole or the address is no link: what is
 * underlined must be where the link goes.  In a language that writes without
 * spaces a word may follow the host directly (example.com을); IANA's list of
 * top-level domains then says where the host ends.  No link is made of an
 * address with a user name, of a host with invisible characters, and of one
 * that a browser would read as another (http://0x7f.1/).
 *
 * The rest goes on until a sign that surrounds addresses instead of standing
 * in them: a space, a quote, a stop of any script, a bracket that was not
 * opened within.
 *
 * Texts come from strangers, so the cost must be linear.  The scanner looks
 * at each place a bounded number of times, by codePointAt and slice alone:
 * tests/page/links.test.mjs counts these.
 */

import { TLDS } from "./tlds.js";

const LINKS_MAX = 100; /* of a text: each is an element, and a stop for the Tab key */
const HOST_MAX = 253; /* RFC 1035 */
const TLD_MAX = Math.max(...[...TLDS].map((name) => name.length));
const IPV6_MAX = 45;
const PORT_DIGITS = 5;

/* Names at the top that IANA does not delegate (RFC 6761 and 9476, and custom). */
const RESERVED = new Set(["localhost", "local", "example", "test", "invalid", "internal", "onion", "arpa", "lan"]);

const CLOSERS = new Map([["(", ")"], ["[", "]"], ["{", "}"], ["（", "）"]]);
const CLOSING = new Set(CLOSERS.values());
const PAIRED = new Set(["'", "*", "~"]); /* closes an address if it opened it: '…', *…* */
const PARTS = new Set([",", ";", "(", "["]); /* two addresses, if another begins behind it */
const TRAILING = new Set([..."!'*,.:;?_~"]);

const HOST = /^[\p{L}\p{M}\p{N}_-]$/u;
const LETTER = /^[\p{L}\p{M}\p{N}]$/u;
const ASCII = /^[\x21-\x7e]+$/;
const ASCII_WORD = /^[a-z0-9]$/i;
const NO_ADDRESS = /^[<>"`\\^|]$/; /* of ASCII */
const IN_WORDS = /^[‐‑–〜·・‧]$/; /* signs within words, beside those of ASCII */
const JOINER = /^[\u200c\u200d]$/;
const INVISIBLE = /^[\p{C}\p{Default_Ignorable_Code_Point}]$/u;
const SPACE = /^\s$/;
const SYMBOL = /^[\p{S}·・‧]$/u; /* can stand in a host that browsers refuse or read */
const IDEOGRAPHIC_DOT = /^[。．｡]$/; /* a browser takes it for a dot in a host */

/* A browser goes on with the host, or takes what was before for a user. */
const GOES_ON = /^[@\\%&=+$^]$/;
const AUTHORITY_ENDS = /^[\s/?#<>"`\\\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Sentence_Terminal}、，]$/u;

/* Scripts in which a word can follow another without a space. */
const UNSPACED = /^[\p{sc=Hangul}\p{sc=Hira}\p{sc=Kana}\p{sc=Hani}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}ー]+$/u;
const GRAMMAR = /^[\p{sc=Hira}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]$/u;
/* A Korean particle, as it is written onto a word. */
const PARTICLE = /^(?:을|를|이|가|은|는|의|과|와|랑|하고|(?:으?로|에|에서|에게|한테|께|까지|부터)(?:는|도|만)?|도|만|마다|밖에|처럼|보다|같은|같이|이?(?:나|랑|라고|라는|라서|며|면|고|네요?|죠|니까|지만|거든요)|이다|임|인데요?|인가요?|입니다|입니까|이?예요|이?에요)$/;
const PARTICLE_MAX = 4;

/* The sign at a place; "" at the end. */
function signAt(text, at) {
  const code = text.codePointAt(at);
  return code === undefined ? "" : String.fromCodePoint(code);
}

const folded = (text) => text.toLowerCase().normalize("NFC");

/* 1 for each place from which an `@` comes before the authority ends. */
function placesBeforeAt(text) {
  const marks = new Uint8Array(text.length + 1);
  for (let at = text.length - 1; at >= 0; at--) {
    const sign = signAt(text, at);
    if (sign === "@") marks[at] = 1;
    else if (!AUTHORITY_ENDS.test(sign)) marks[at] = marks[at + 1];
  }
  return marks;
}

/* How much of the last label is the top of a host; 0: it is none. */
function topLength(label, alone) {
  if (ASCII.test(label) || TLDS.has(folded(label))) return label.length;
  for (let length = Math.min(label.length - 1, TLD_MAX); length > 0; length--) {
    const name = folded(label.slice(0, length));
    const known = alone ? name === "localhost" : TLDS.has(name) || RESERVED.has(name);
    if (known) return UNSPACED.test(label.slice(length)) ? length : 0;
  }
  return 0;
}

/* The host that a run of letters, digits, hyphens and dots begins with, or "". */
function hostOf(run) {
  const labels = run.split(".");
  if (labels.includes("")) return "";
  const last = labels.at(-1);
  const top = topLength(last, labels.length === 1);
  return top === 0 ? "" : run.slice(0, run.length - last.length + top);
}

const isHostSign = (sign) => HOST.test(sign) && !INVISIBLE.test(sign);

const isDelegated = (host) => TLDS.has(folded(host.slice(host.lastIndexOf(".") + 1)));

function hostRunEnd(text, from) {
  let end = from;
  for (let sign = signAt(text, end); sign === "." || isHostSign(sign); sign = signAt(text, end)) end += sign.length;
  return end;
}

/* [host, where it ends, where the scanner goes on if it is no host] */
function findName(text, from) {
  const end = hostRunEnd(text, from);
  if (end === from || end - from > HOST_MAX) return ["", from, end];
  const run = text.slice(from, end);
  let length = run.length;
  while (length > 0 && "._-".includes(run[length - 1])) length -= 1;
  const host = hostOf(run.slice(0, length));
  const next = signAt(text, end);
  const cut = host.length < run.length;
  const within = cut && (next === "/" || (next === ":" && isDigit(signAt(text, end + 1))));
  return [within || GOES_ON.test(next) ? "" : host, from + host.length, end];
}

const isDigit = (sign) => sign >= "0" && sign <= "9" && sign.length === 1;

function findIpv6(text, from) {
  for (let end = from + 1; end - from <= IPV6_MAX; end++) {
    const sign = signAt(text, end);
    if (sign === "]") return [text.slice(from, end + 1), end + 1, end];
    if (!/^[0-9a-f:.]$/i.test(sign)) break;
  }
  return ["", from, from];
}

/* Where a port ends, if there is one; -1: what stands there can be none. */
function portEnd(text, from) {
  if (signAt(text, from) !== ":") return from;
  const next = signAt(text, from + 1);
  if (!isDigit(next)) return next === "/" ? -1 : from;
  let end = from + 1;
  while (end - from <= PORT_DIGITS && isDigit(signAt(text, end))) end += 1;
  return ASCII_WORD.test(signAt(text, end)) ? -1 : end;
}

/* Whether a label follows without a space: what was taken for the host is a piece of one. */
function goesOn(text, at) {
  let end = at;
  for (let sign = signAt(text, end); sign && sign !== ":" && end - at <= HOST_MAX; sign = signAt(text, end)) {
    end += sign.length;
    if (sign === "." && isHostSign(signAt(text, end))) return true;
    if (sign !== "." && AUTHORITY_ENDS.test(sign)) return false;
  }
  return false;
}

/* What comes after a host must not look as if it went on. */
function endsHost(text, at, host) {
  const sign = signAt(text, at);
  if (sign === "" || SPACE.test(sign)) return true;
  if (ASCII.test(sign) ? !host.includes(".") : SYMBOL.test(sign)) {
    if (goesOn(text, at)) return false;
  }
  if (INVISIBLE.test(sign) || GOES_ON.test(sign)) return false;
  if (!IDEOGRAPHIC_DOT.test(sign)) return true;
  const end = hostRunEnd(text, at + 1);
  return end - at > HOST_MAX || !isDelegated(text.slice(at + 1, end));
}

/* Whether a browser goes to the very host that is written. */
function isHonest(host, authority) {
  let url;
  try {
    url = new URL(`https://${authority}`);
  } catch {
    return false;
  }
  if (ASCII.test(host)) return url.hostname === host.toLowerCase();
  return folded(host) === host.toLowerCase().normalize("NFKC");
}

function startsAnew(text, at) {
  return /^https?:\/\/$/i.test(text.slice(at, at + 7)) || /^https:\/\/$/i.test(text.slice(at, at + 8));
}

/* Whether a sign beyond ASCII goes on with an address after `before`. */
function continues(text, at, sign, before, first) {
  if (JOINER.test(sign)) return LETTER.test(before) && !ASCII.test(before) && LETTER.test(signAt(text, at + 1));
  if (sign === "（" || sign === "）") return sign === "）" || (LETTER.test(before) && !ASCII.test(before));
  if (CLOSING.has(before) || INVISIBLE.test(sign)) return false;
  if (GRAMMAR.test(sign)) return !ASCII_WORD.test(before) && !first;
  return LETTER.test(sign) || IN_WORDS.test(sign);
}

/*
 * Where what follows the host ends, if `opener` stands before the address, and
 * how far it was looked at: a bracket that nobody closes takes what is in it
 * along, which need not be looked at again.
 */
function restEnds(text, from, opener) {
  if (!/^[/?#]$/.test(signAt(text, from))) return [from, from];
  const awaited = [];
  let before = "";
  let at = from;
  let quoted = false;
  let kept = from; /* behind the last quote that was opened and closed within */
  for (let sign = signAt(text, at); sign; sign = signAt(text, at)) {
    if (sign <= " " || NO_ADDRESS.test(sign)) break;
    if (sign > "~" && !continues(text, at, sign, before, at === from + 1)) break;
    if (awaited.length === 0 && sign === opener && PAIRED.has(sign)) break;
    if (PARTS.has(sign) && startsAnew(text, at + 1)) break;
    if (CLOSERS.has(sign)) awaited.push({ closer: CLOSERS.get(sign), at });
    else if (CLOSING.has(sign)) {
      if (awaited.at(-1)?.closer !== sign) break;
      awaited.pop();
    }
    at += sign.length;
    if (sign === "'" && quoted) kept = at;
    if (sign === "'") quoted = !quoted && !LETTER.test(before);
    before = sign;
  }
  const end = awaited[0]?.at ?? at;
  return [withoutTail(text, kept <= end ? kept : from, end), at];
}

const isTrailing = (sign) => TRAILING.has(sign) || IN_WORDS.test(sign);

/* Without the stops at its end, and without a particle. */
function withoutTail(text, from, end) {
  let at = end;
  while (at > from && isTrailing(signAt(text, at - 1))) at -= 1;
  for (let length = PARTICLE_MAX; length > 0; length--) {
    const start = at - length;
    if (start <= from || !PARTICLE.test(text.slice(start, at))) continue;
    if (ASCII_WORD.test(signAt(text, start - 1)) || start === from + 1) return start;
  }
  return at;
}

/* The length of what an address begins with here; 0: none does. */
function opening(text, at) {
  const code = text.codePointAt(at) | 0x20;
  const before = signAt(text, at - 1);
  if (code === 0x68 && !/^[a-z0-9+]$/i.test(before)) {
    const start = text.slice(at, at + 8).toLowerCase();
    return start === "https://" ? 8 : start.startsWith("http://") ? 7 : 0;
  }
  if (code !== 0x77 || /^[a-z0-9.@/:-]$/i.test(before)) return 0;
  return text.slice(at, at + 4).toLowerCase() === "www." ? 4 : 0;
}

/* {end, href} of the address that begins at `at`, if one does; {next}: where to go on. */
function addressAt(text, at, begins, beforeAt) {
  const bare = begins === 4;
  const from = bare ? at : at + begins;
  const [host, hostEnd, next] = signAt(text, from) === "[" ? findIpv6(text, from) : findName(text, from);
  const none = { next: bare ? Math.max(next, at + begins) : from };
  if (!host || beforeAt[from] || (bare && !isDelegated(host))) return none;
  const authorityEnd = portEnd(text, hostEnd);
  if (authorityEnd < 0 || !endsHost(text, authorityEnd, host)) return none;
  if (!isHonest(host, text.slice(from, authorityEnd))) return none;
  const [end, looked] = restEnds(text, authorityEnd, signAt(text, at - 1));
  const { href } = new URL((bare ? "https://" : "") + text.slice(at, end));
  return { end, href, next: looked };
}

/* [{text, href}] that together are the text; href only on links, of which there are at most LINKS_MAX. */
export function parts(text) {
  const found = [];
  const beforeAt = placesBeforeAt(text);
  let links = 0;
  let done = 0;
  for (let at = 0; at < text.length && links < LINKS_MAX;) {
    const begins = opening(text, at);
    const { end, href, next } = begins > 0 ? addressAt(text, at, begins, beforeAt) : { next: at + 1 };
    if (href) {
      if (at > done) found.push({ text: text.slice(done, at) });
      found.push({ text: text.slice(at, end), href });
      done = end;
      links += 1;
    }
    at = next;
  }
  if (done < text.length) found.push({ text: text.slice(done) });
  return found;
}
