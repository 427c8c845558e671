/*
 * urls: finds the web addresses in a text, as a careful reader would underline
 * them.
 *
 * An address begins with http://, https:// or www. (which stands for
 * https://).  Nothing else becomes a link, nor do mail addresses.
 *
 * The link goes to the host that the reader sees, or there is no link.  In a
 * language that writes without spaces a word may follow the host directly
 * (example.com을); IANA's list of top-level domains then says where the host
 * ends.  An address with a user name, a host with invisible characters, and a
 * host that a browser would read as another one (http://0x7f.1/) are no links.
 *
 * The rest of an address ends at a character that surrounds addresses instead
 * of being part of them: a space, a quote, a stop of any script, a bracket
 * that was not opened within it.
 *
 * Texts come from strangers, so the cost must be linear.  The scanner looks
 * at each place a bounded number of times, by codePointAt and slice alone;
 * tests/page/links.test.mjs counts the calls.
 */

import { TLDS } from "./tlds.js";

const LINKS_MAX = 100; /* in a text: each is an element, and a stop for the Tab key */
const HOST_MAX = 253; /* RFC 1035 */
const TLD_MAX = Math.max(...[...TLDS].map((name) => name.length));
const IPV6_MAX = 45;
const PORT_DIGITS = 5;

/* Top-level names that IANA does not delegate, but people use (RFC 6761, RFC 9476 and others). */
const RESERVED = new Set(["localhost", "local", "example", "test", "invalid", "internal", "onion", "arpa", "lan"]);

const BRACKETS = new Map([["(", ")"], ["[", "]"], ["{", "}"], ["（", "）"]]);
const CLOSING_BRACKETS = new Set(BRACKETS.values());
const QUOTES = new Set(["'", "*", "~"]); /* closes an address if it opened it: '…', *…* */
const SEPARATORS = new Set([",", ";", "(", "["]); /* ends an address if another one begins behind it */
const TRAILING = new Set([..."!'*,.:;?_~"]);

const HOST = /^[\p{L}\p{M}\p{N}_-]$/u;
const LETTER = /^[\p{L}\p{M}\p{N}]$/u;
const ASCII = /^[\x21-\x7e]+$/;
const ASCII_WORD = /^[a-z0-9]$/i;
const NEVER_IN_URL = /^[<>"`\\^|]$/; /* the ASCII ones */
const WITHIN_WORDS = /^[‐‑–〜·・‧]$/; /* the ones beyond ASCII */
const JOINER = /^[\u200c\u200d]$/;
const INVISIBLE = /^[\p{C}\p{Default_Ignorable_Code_Point}]$/u;
const SPACE = /^\s$/;
const SYMBOLS = /^[\p{S}·・‧]$/u; /* a browser may take it for a part of the host */
const IDEOGRAPHIC_DOT = /^[。．｡]$/; /* browsers read it as a dot in a host */

/* After one of these a browser continues the host, or takes what was before it for a user name. */
const CONTINUES_HOST = /^[@\\%&=+$^]$/;
const AUTHORITY_ENDS = /^[\s/?#<>"`\\\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Sentence_Terminal}、，]$/u;

/* Scripts in which a word can follow another without a space. */
const UNSPACED = /^[\p{sc=Hangul}\p{sc=Hira}\p{sc=Kana}\p{sc=Hani}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}ー]+$/u;
const GRAMMATICAL = /^[\p{sc=Hira}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]$/u;
/* A Korean particle, which is written onto the word before it. */
const PARTICLE = /^(?:을|를|이|가|은|는|의|과|와|랑|하고|(?:으?로|에|에서|에게|한테|께|까지|부터)(?:는|도|만)?|도|만|마다|밖에|처럼|보다|같은|같이|이?(?:나|랑|라고|라는|라서|며|면|고|네요?|죠|니까|지만|거든요)|이다|임|인데요?|인가요?|입니다|입니까|이?예요|이?에요)$/;
const PARTICLE_MAX = 4;

/**
 * The character at a place; "" at the end.
 *
 * @param {string} text
 * @param {number} at
 */
function charAt(text, at) {
  const code = text.codePointAt(at);
  return code === undefined ? "" : String.fromCodePoint(code);
}

/** @param {string} text */
const normalized = (text) => text.toLowerCase().normalize("NFC");

/**
 * 1 for each place from which an `@` comes before the authority ends.
 *
 * @param {string} text
 */
function placesBeforeAt(text) {
  const marks = new Uint8Array(text.length + 1);
  for (let at = text.length - 1; at >= 0; at--) {
    const char = charAt(text, at);
    if (char === "@") marks[at] = 1;
    else if (!AUTHORITY_ENDS.test(char)) marks[at] = marks[at + 1];
  }
  return marks;
}

/**
 * The length of the top-level domain that the last label begins with; 0: none.
 *
 * @param {string} label
 * @param {boolean} alone there is no label before it
 */
function tldLength(label, alone) {
  if (ASCII.test(label) || TLDS.has(normalized(label))) return label.length;
  for (let length = Math.min(label.length - 1, TLD_MAX); length > 0; length--) {
    const name = normalized(label.slice(0, length));
    const known = alone ? name === "localhost" : TLDS.has(name) || RESERVED.has(name);
    if (known) return UNSPACED.test(label.slice(length)) ? length : 0;
  }
  return 0;
}

/**
 * The host that a run of letters, digits, hyphens and dots begins with, or "".
 *
 * @param {string} run
 */
function hostOf(run) {
  const labels = run.split(".");
  if (labels.includes("")) return "";
  const last = labels[labels.length - 1];
  const top = tldLength(last, labels.length === 1);
  return top === 0 ? "" : run.slice(0, run.length - last.length + top);
}

/** @param {string} char */
const isHostChar = (char) => HOST.test(char) && !INVISIBLE.test(char);

/** @param {string} host */
const isDelegated = (host) => TLDS.has(normalized(host.slice(host.lastIndexOf(".") + 1)));

/** @param {string} text @param {number} from */
function hostRunEnd(text, from) {
  let end = from;
  for (let char = charAt(text, end); char === "." || isHostChar(char); char = charAt(text, end)) end += char.length;
  return end;
}

/**
 * The host that begins here, or ""; where it ends; where the scanner goes on if
 * there is none.
 *
 * @param {string} text
 * @param {number} from
 * @returns {[string, number, number]}
 */
function findHostName(text, from) {
  const end = hostRunEnd(text, from);
  if (end === from || end - from > HOST_MAX) return ["", from, end];
  const run = text.slice(from, end);
  let length = run.length;
  while (length > 0 && "._-".includes(run[length - 1])) length -= 1;
  const host = hostOf(run.slice(0, length));
  const next = charAt(text, end);
  const cut = host.length < run.length;
  const within = cut && (next === "/" || (next === ":" && isDigit(charAt(text, end + 1))));
  return [within || CONTINUES_HOST.test(next) ? "" : host, from + host.length, end];
}

/** @param {string} char */
const isDigit = (char) => char >= "0" && char <= "9" && char.length === 1;

/** @param {string} text @param {number} from @returns {[string, number, number]} */
function findIpv6(text, from) {
  for (let end = from + 1; end - from <= IPV6_MAX; end++) {
    const char = charAt(text, end);
    if (char === "]") return [text.slice(from, end + 1), end + 1, end];
    if (!/^[0-9a-f:.]$/i.test(char)) break;
  }
  return ["", from, from];
}

/**
 * Where the port ends, if there is one; -1: what is there cannot be a port.
 *
 * @param {string} text
 * @param {number} from
 */
function portEnd(text, from) {
  if (charAt(text, from) !== ":") return from;
  const next = charAt(text, from + 1);
  if (!isDigit(next)) return next === "/" ? -1 : from;
  let end = from + 1;
  while (end - from <= PORT_DIGITS && isDigit(charAt(text, end))) end += 1;
  return ASCII_WORD.test(charAt(text, end)) ? -1 : end;
}

/**
 * Whether another label follows without a space, so that the host is only a
 * part of what is written.
 *
 * @param {string} text
 * @param {number} at
 */
function labelFollows(text, at) {
  let end = at;
  for (let char = charAt(text, end); char && char !== ":" && end - at <= HOST_MAX; char = charAt(text, end)) {
    end += char.length;
    if (char === "." && isHostChar(charAt(text, end))) return true;
    if (char !== "." && AUTHORITY_ENDS.test(char)) return false;
  }
  return false;
}

/**
 * Whether the text at `at` cannot be taken for a continuation of the host.
 *
 * @param {string} text
 * @param {number} at
 * @param {string} host
 */
function mayFollowHost(text, at, host) {
  const char = charAt(text, at);
  if (char === "" || SPACE.test(char)) return true;
  if (ASCII.test(char) ? !host.includes(".") : SYMBOLS.test(char)) {
    if (labelFollows(text, at)) return false;
  }
  if (INVISIBLE.test(char) || CONTINUES_HOST.test(char)) return false;
  if (!IDEOGRAPHIC_DOT.test(char)) return true;
  const end = hostRunEnd(text, at + 1);
  return end - at > HOST_MAX || !isDelegated(text.slice(at + 1, end));
}

/**
 * Whether a browser goes to the very host that is written.
 *
 * @param {string} host
 * @param {string} authority the host with its port
 */
function isUnchanged(host, authority) {
  let url;
  try {
    url = new URL(`https://${authority}`);
  } catch {
    return false;
  }
  if (ASCII.test(host)) return url.hostname === host.toLowerCase();
  return normalized(host) === host.toLowerCase().normalize("NFKC");
}

/** @param {string} text @param {number} at */
function startsUrl(text, at) {
  return /^https?:\/\/$/i.test(text.slice(at, at + 7)) || /^https:\/\/$/i.test(text.slice(at, at + 8));
}

/**
 * Whether a character beyond ASCII continues an address.
 *
 * @param {string} text
 * @param {number} at
 * @param {string} char at this place
 * @param {string} before the character before it
 * @param {boolean} first after the character that ends the authority
 */
function continues(text, at, char, before, first) {
  if (JOINER.test(char)) return LETTER.test(before) && !ASCII.test(before) && LETTER.test(charAt(text, at + 1));
  if (char === "（" || char === "）") return char === "）" || (LETTER.test(before) && !ASCII.test(before));
  if (CLOSING_BRACKETS.has(before) || INVISIBLE.test(char)) return false;
  if (GRAMMATICAL.test(char)) return !ASCII_WORD.test(before) && !first;
  return LETTER.test(char) || WITHIN_WORDS.test(char);
}

/**
 * Where the path, query and fragment end, and how far they were scanned.  A
 * bracket that nobody closes ends them, and what is in it need not be scanned
 * again.
 *
 * @param {string} text
 * @param {number} from
 * @param {string} opener the character before the address
 * @returns {[number, number]}
 */
function endOfRest(text, from, opener) {
  if (!/^[/?#]$/.test(charAt(text, from))) return [from, from];
  /** @type {{ closer: string | undefined, at: number }[]} */
  const awaited = [];
  let before = "";
  let at = from;
  let quoted = false;
  let kept = from; /* behind the last quote that was opened and closed within the address */
  for (let char = charAt(text, at); char; char = charAt(text, at)) {
    if (char <= " " || NEVER_IN_URL.test(char)) break;
    if (char > "~" && !continues(text, at, char, before, at === from + 1)) break;
    if (awaited.length === 0 && char === opener && QUOTES.has(char)) break;
    if (SEPARATORS.has(char) && startsUrl(text, at + 1)) break;
    if (BRACKETS.has(char)) awaited.push({ closer: BRACKETS.get(char), at });
    else if (CLOSING_BRACKETS.has(char)) {
      if (awaited.at(-1)?.closer !== char) break;
      awaited.pop();
    }
    at += char.length;
    if (char === "'" && quoted) kept = at;
    if (char === "'") quoted = !quoted && !LETTER.test(before);
    before = char;
  }
  const end = awaited[0]?.at ?? at;
  return [withoutTail(text, kept <= end ? kept : from, end), at];
}

/** @param {string} char */
const isTrailing = (char) => TRAILING.has(char) || WITHIN_WORDS.test(char);

/**
 * The end without trailing stops, and without a particle.
 *
 * @param {string} text
 * @param {number} from
 * @param {number} end
 */
function withoutTail(text, from, end) {
  let at = end;
  while (at > from && isTrailing(charAt(text, at - 1))) at -= 1;
  for (let length = PARTICLE_MAX; length > 0; length--) {
    const start = at - length;
    if (start <= from || !PARTICLE.test(text.slice(start, at))) continue;
    if (ASCII_WORD.test(charAt(text, start - 1)) || start === from + 1) return start;
  }
  return at;
}

/**
 * The length of the prefix with which an address begins here; 0: none does.
 *
 * @param {string} text
 * @param {number} at
 */
function prefixLength(text, at) {
  const code = (text.codePointAt(at) ?? 0) | 0x20;
  const before = charAt(text, at - 1);
  if (code === 0x68 && !/^[a-z0-9+]$/i.test(before)) {
    const start = text.slice(at, at + 8).toLowerCase();
    return start === "https://" ? 8 : start.startsWith("http://") ? 7 : 0;
  }
  if (code !== 0x77 || /^[a-z0-9.@/:-]$/i.test(before)) return 0;
  return text.slice(at, at + 4).toLowerCase() === "www." ? 4 : 0;
}

/**
 * The address that begins at `at`, if there is one, and where the scanner goes on.
 *
 * @param {string} text
 * @param {number} at
 * @param {number} prefix its length
 * @param {Uint8Array} beforeAt see placesBeforeAt
 * @returns {{ end?: number, href?: string, next: number }}
 */
function urlAt(text, at, prefix, beforeAt) {
  const bare = prefix === 4; /* www. */
  const from = bare ? at : at + prefix;
  const [host, hostEnd, next] = charAt(text, from) === "[" ? findIpv6(text, from) : findHostName(text, from);
  const none = { next: bare ? Math.max(next, at + prefix) : from };
  if (!host || beforeAt[from] || (bare && !isDelegated(host))) return none;
  const authorityEnd = portEnd(text, hostEnd);
  if (authorityEnd < 0 || !mayFollowHost(text, authorityEnd, host)) return none;
  if (!isUnchanged(host, text.slice(from, authorityEnd))) return none;
  const [end, looked] = endOfRest(text, authorityEnd, charAt(text, at - 1));
  const { href } = new URL((bare ? "https://" : "") + text.slice(at, end));
  return { end, href, next: looked };
}

/**
 * The parts of a text; those with `href` are links, LINKS_MAX at most.
 *
 * @param {string} text
 * @returns {{ text: string, href?: string }[]}
 */
export function splitAtUrls(text) {
  /** @type {{ text: string, href?: string }[]} */
  const found = [];
  const beforeAt = placesBeforeAt(text);
  let links = 0;
  let done = 0;
  for (let at = 0; at < text.length && links < LINKS_MAX;) {
    const prefix = prefixLength(text, at);
    const { end, href, next } = prefix > 0 ? urlAt(text, at, prefix, beforeAt) : { next: at + 1 };
    if (href && end) {
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
