/* The page and its library. */
const PARLOR = "www/parlor.js";
const STREAM = "www/stream.js";
const TRANSPORTS = "www/transports.js";
const SLOTS = "www/slots.js";
const OUTBOX = "www/outbox.js";
const URLS = "www/urls.js";
const UNREAD = "www/unread.js";
const KEYS = "www/keyboard.js";
const LOG = "www/message-log.js";
const REQUEST = "www/request.js";

export default [
  {
    name: "a stream that falls silent after the sync is not noticed", file: TRANSPORTS, by: ["page/network"],
    old: "        else expectWithin(heartbeatMs() * 1.5 + SLACK_MS);", now: "        else clearTimeout(watchdog);",
  },
  {
    name: "a reconnect begins at now", file: STREAM, by: ["page/broken", "e2e/connect"],
    old: "    if (this.#cursor !== null) query.cursor = this.#cursor;", now: "    if (this.#cursor !== null && this.#conn === \"\") query.cursor = this.#cursor;",
  },
  {
    name: "a fact does not move the cursor", file: STREAM, by: ["e2e/behind"],
    old: "    if (KINDS[kind] === \"fact\") this.#cursor = id;", now: "    if (KINDS[kind] === \"fact\") this.#cursor ??= id;",
  },
  {
    name: "a lost place in the log is not drawn anew", file: STREAM, by: ["page/broken"],
    old: "    if (!sync.recovered) return { reset: sync };", now: "",
  },
  {
    name: "closing a stream says no goodbye", file: STREAM, by: ["page/entry", "e2e/connect", "page/client", "page/conversation"],
    old: "    if (this.#opened) this.#sendGoodbye();", now: "",
  },
  {
    name: "a host that lets no stream through gets no polls", file: STREAM, by: ["page/broken", "e2e/connect"],
    old: "        this.#level += 1;\n", now: "",
  },
  {
    name: "no repeated key is sent", file: PARLOR, by: ["page/client", "page/create"],
    old: "    if (key !== undefined) headers[\"Idempotency-Key\"] = key;", now: "",
  },
  {
    name: "a request without body by cookie is not marked as ours", file: PARLOR, by: ["page/client", "page/my-rooms"],
    old: "    else if (!this.token && method !== \"GET\") headers[\"X-Parlor-Request\"] = \"1\";", now: "",
  },
  {
    name: "a message is sent under a new name at each attempt", file: PARLOR, by: ["page/conversation", "page/broken"],
    old: "    const body = { content, client_id: clientId };", now: "    const body = { content, client_id: newId() + clientId.slice(0, 0) };",
  },
  {
    name: "the time of a message's id has no fixed width", file: "www/request.js", by: ["page/client"],
    old: ".padStart(12, \"0\")", now: "",
  },
  {
    name: "a hidden tab keeps its slot", file: SLOTS, by: ["page/tabs"],
    old: "    if (!isHidden() || !(held || this.#state === \"asking\")) return;", now: "    return;",
  },
  {
    name: "a tab that closes does not say so", file: SLOTS, by: ["page/tabs"],
    old: "    if (this.#state === \"held\") this.#post(\"closed\");", now: "",
  },
  {
    name: "more tabs hold a stream than there are slots", file: SLOTS, by: ["page/tabs"],
    old: "(this.#holders.size < SLOTS || (await this.#displace()))", now: "(this.#holders.size < SLOTS + 4 || (await this.#displace()))",
  },
  {
    name: "what was not sent is gone after a reload", file: OUTBOX, by: ["page/broken", "page/conversation"],
    old: "    this.#items = load(key) ?? [];", now: "    this.#items = [];",
  },
  {
    name: "a message that failed is retried for ever", file: OUTBOX, by: ["page/broken", "page/conversation"],
    old: "    if (error.passing && soon && item.attempts < (ATTEMPTS_OF[error.code] ?? ATTEMPTS)) {", now: "    if (error.passing && soon) {",
  },
  {
    name: "messages are sent in the wrong order", file: OUTBOX, by: ["page/network", "page/broken"],
    old: "this.#items.find(({ state }) => state === \"pending\")", now: "this.#items.findLast(({ state }) => state === \"pending\")",
  },
  {
    name: "a link leads to another host than it says", file: URLS, by: ["page/links"],
    old: "  if (ASCII.test(host)) return url.hostname === host.toLowerCase();", now: "  if (ASCII.test(host)) return true;",
  },
  {
    name: "a name before an @ passes for the host", file: URLS, by: ["page/links"],
    old: "  if (!host || beforeAt[from] ||", now: "  if (!host ||",
  },
  {
    name: "a closing bracket that nobody opened is part of a link", file: URLS, by: ["page/links"],
    old: "      if (awaited.at(-1)?.closer !== char) break;", now: "      if (awaited.length > 0 && awaited.at(-1)?.closer !== char) break;",
  },
  {
    name: "a stop at the end is part of a link", file: URLS, by: ["page/links", "page/conversation"],
    old: "  while (at > from && isTrailing(charAt(text, at - 1))) at -= 1;", now: "",
  },
  {
    name: "the scanner looks again at what it has looked at", file: URLS, by: ["page/links"],
    old: "  return { end, href, next: looked };", now: "  return { end, href, next: end };",
  },
  {
    name: "a deleted message still counts as new", file: UNREAD, by: ["page/unread-counts"],
    old: "ids) if (fits(id)) ids.delete(id);", now: "ids) if (fits(id)) ids.has(id);",
  },
  {
    name: "what was seen is still counted in the title", file: UNREAD, by: ["page/unread-counts", "page/conversation"],
    old: "    this.#unseen.clear();\n", now: "",
  },
  {
    name: "what was written offline stays unsent", file: OUTBOX, by: ["page/network", "page/broken"],
    old: "      if (item.state !== \"failed\" || !isServerFailure(item.error)) continue;", now: "      continue;",
  },
  {
    name: "names from right to left reorder their sentence", file: "www/bidi.js", by: ["page/direction"],
    old: "  return NEEDS_ISOLATION.test(text) ? FSI + text.replace(CONTROLS, \"\") + PDI : text;", now: "  return text;",
  },
  {
    name: "a lone surrogate is sent", file: "www/message-text.js", by: ["page/keyboard"],
    old: ".replace(LONE_SURROGATES, \"\\ufffd\")", now: "",
  },
  {
    name: "a text may hold any number of links", file: URLS, by: ["page/links"],
    old: "at < text.length && links < LINKS_MAX;", now: "at < text.length && links >= 0;",
  },
  {
    name: "a host ends where a browser goes on", file: URLS, by: ["page/links"],
    old: "return [within || CONTINUES_HOST.test(next) ? \"\" : host,", now: "return [within ? \"\" : host,",
  },
  {
    name: "international names at the top are none", file: URLS, by: ["page/links"],
    old: "  if (ASCII.test(label) || TLDS.has(normalized(label))) return label.length;", now: "  if (ASCII.test(label)) return label.length;",
  },
  {
    name: "a browser that is too old sees no notice", file: "www/browser-check.js", by: ["page/browsers"],
    old: "  if (!fits()) root.setAttribute(\"data-page\", \"unsupported\");\n", now: "",
  },
  {
    name: "a request needs a browser of today", file: REQUEST, by: ["page/browsers"],
    old: "...options, signal: canceled.signal });", now: "...options, signal: AbortSignal.any([canceled.signal]) });",
  },
  {
    name: "a refusal of the page's origin is silence", file: REQUEST, by: ["page/documented"],
    old: "  if (ended || !(await isOriginRefused(url)))", now: "  if (ended || url)",
  },
  {
    name: "a new picture counts what was deleted meanwhile", file: LOG, by: ["page/unread-counts"],
    old: "    this.#unread.retain(messages);\n", now: "",
  },
  {
    name: "today stays today after midnight", file: LOG, by: ["page/new-day"],
    old: "    onNewDay(() => this.#renameDays());\n", now: "",
  },
  {
    name: "an attempt that hangs is not begun anew when the network is back", file: STREAM, by: ["page/network"],
    old: "    if (!this.#progress.synced) this.#turn.abort();\n", now: "",
  },
  {
    name: "a key that ends a composition in Safari is a key", file: KEYS, by: ["page/keyboard"],
    old: "event.isComposing || event.keyCode === COMPOSING;", now: "event.isComposing;",
  },
  {
    name: "Enter sends on a phone", file: KEYS, by: ["page/keyboard"],
    old: "export const isTouchKeyboard = () => matchMedia(\"(pointer: coarse)\").matches;", now: "export const isTouchKeyboard = () => false;",
  },
  {
    name: "a text that draws nothing is sent", file: "www/compose.js", by: ["page/keyboard"],
    old: "const content = isVisible(clean) ? clean : \"\";", now: "const content = clean;",
  },
  {
    name: "a front that drops every stream is asked without a pause", file: "www/backoff.js", by: ["page/network"],
    old: "    this.#short = ms < heartbeatMs ? this.#short + 1 : 0;", now: "    this.#short = 0;",
  },
  {
    name: "waits grow although streams open in between", file: "www/backoff.js", by: ["page/network"],
    old: "    this.#failures = Math.max(this.#short - SHORT_MAX, 0);", now: "    this.#failures += 0;",
  },
  {
    name: "the wait does not end when the network is back", file: STREAM, by: ["page/network"],
    old: "    this.#backoff.reset();\n    this.#interrupts.check();", now: "    this.#backoff.reset();",
  },
  {
    name: "a host may be a piece of another", file: URLS, by: ["page/links"],
    old: "    if (labelFollows(text, at)) return false;\n", now: "",
  },
  {
    name: "a quote that closes one within a link is left out", file: URLS, by: ["page/links"],
    old: "    if (char === \"'\" && quoted) kept = at;\n", now: "",
  },
  {
    name: "a text is searched for an @ at each link", file: URLS, by: ["page/links"],
    old: "  if (!host || beforeAt[from] ||", now: "  if (!host || placesBeforeAt(text)[from] ||",
  },
  {
    name: "half a flag stands in an avatar", file: "www/elements.js", by: ["page/names"],
    old: "  if (graphemes) return", now: "  if (!graphemes) return",
  },
  {
    name: "a message that cannot be drawn takes the others along", file: "www/message-log.js", by: ["page/browsers", "page/broken"],
    old: "return renderBroken(message);", now: "throw new Error(message.id);",
  },
  {
    name: "no line can be broken on a phone", file: "www/keyboard.js", by: ["page/keyboard"],
    old: "!(event.shiftKey || isTouchKeyboard())", now: "!event.shiftKey",
  },
  {
    name: "a dead server looks like a refused origin", file: "www/origin.js", by: ["page/documented"],
    old: "(await reaches(plain, \"no-cors\")) && !", now: "!",
  },
  {
    name: "a pasted control character is sent", file: "www/message-text.js", by: ["page/keyboard"],
    old: ".replace(CONTROLS, \"\")", now: "",
  },
  {
    name: "a problem with the connection stays shown when it is back", file: "www/connection-banner.js", by: ["page/broken"],
    old: "    if (state === \"open\" && $(\"trouble\").dataset.about === ABOUT) clearProblem();\n", now: "",
  },
  {
    name: "what failed without a connection is not sent when it is back", file: "www/chat.js", by: ["page/network"],
    old: "    if (isBack) this.#outbox.resume();\n", now: "",
  },
  {
    name: "a fast clock closes a room before the server does", file: "www/expiry-notice.js", by: ["page/entry"],
    old: "    if (now.expired) this.#expired();\n    else this.#changed(now);", now: "    this.#expired();",
  },
  {
    name: "a linked message is found among the newest alone", file: "www/history.js", by: ["page/conversation"],
    old: "page < REVEAL_PAGES; page++", now: "page < 1; page++",
  },
  {
    name: "a stream that asks for a WebSocket gets none", file: STREAM, by: ["page/websocket", "e2e/connect"],
    old: "transportsFrom(transport);", now: "transportsFrom(transport && \"sse\");",
  },
  {
    name: "an event by WebSocket has no id", file: TRANSPORTS, by: ["page/websocket", "e2e/behind"],
    old: "    if (Object.hasOwn(KINDS, kind)) receive(kind, data, id);", now: "    if (Object.hasOwn(KINDS, kind)) receive(kind, data, id && null);",
  },
  {
    name: "a refused WebSocket is taken for one that had opened", file: TRANSPORTS, by: ["page/websocket", "e2e/connect"],
    old: "    const broken = () => end({ mute: !progress.synced });", now: "    const broken = () => end({ mute: progress.synced });",
  },
  {
    name: "a WebSocket takes one of the slots of the tabs", file: TRANSPORTS, by: ["page/websocket"],
    old: "as: \"ws\", wait: 0, counted: false,", now: "as: \"ws\", wait: 0, counted: true,",
  },
  {
    name: "a front that drops every WebSocket is asked without a pause", file: STREAM, by: ["page/network"],
    old: "    const isPoll = this.#transports[this.#current].as === \"json\";", now: "    const isPoll = this.#transports[this.#current].as !== \"sse\";",
  },
];
