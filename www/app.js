/*
 * app: the page.  It joins the room named in its address (?room=, else the
 * lobby), shows it, and sends what the visitor writes.
 *
 * The token and the chatter are kept per room for the tab's session: a reload
 * comes back as the same chatter, a new visit is a new one.
 */

import { Parlor, ParlorError } from "./parlor.js";
import { Log, avatar, element } from "./log.js";
import { drop, keep, recall } from "./memory.js";
import { Outbox } from "./outbox.js";
import { LEFT_UNTOLD, explain, explainEnd, explainWait, hereWords, stateWords } from "./words.js";

const ROOM_FORM = /^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$/;
const CONTENT_MAX = 4000; /* characters, as the server counts them */
const NEAR_TOP_PX = 80;

const $ = (id) => document.getElementById(id);
const setting = (name) => document.querySelector(`meta[name="${name}"]`).content;

const room = new URLSearchParams(location.search).get("room") || "lobby";
const key = `parlor ${new URL(".", location.href).pathname} ${room}`;
const parlor = new Parlor({ api: setting("parlor-api"), events: setting("parlor-events") });

const people = new Map(); /* chatter id -> chatter, in the order of arrival */
let me = null;
let title = room;
let stream = null;
let outbox = null;
let unseen = 0;

const log = new Log({
  scroller: $("log"),
  list: $("messages"),
  onRetry: (clientId) => {
    outbox.retry(clientId);
    $("text").focus();
  },
  onDiscard: (clientId) => {
    outbox.discard(clientId);
    log.hideWaiting(clientId);
    $("text").focus();
  },
});

/* ---- the session ---- */

function remember() {
  keep(key, { token: parlor.token, chatter: me });
}

function remembered() {
  const kept = recall(key);
  if (kept) parlor.token = kept.token;
  return kept;
}

function forget() {
  drop(key);
  parlor.token = null;
  me = null;
}

/* ---- joining ---- */

async function start() {
  listen();
  if (!ROOM_FORM.test(room)) {
    showJoin({ error: explain(new ParlorError({ status: 404, code: "not_found" })) });
    $("join").disabled = true;
    return;
  }
  const kept = remembered();
  if (kept) await comeBack(kept);
  else await showJoin();
}

/* After a reload: the same chatter, without asking anything. */
async function comeBack(kept) {
  try {
    enter(await parlor.join(room));
  } catch (error) {
    if (error.code === "token_invalid") forget();
    await showJoin({ error: explain(error), nickname: kept.chatter.nickname });
  }
}

async function showJoin({ error = "", nickname } = {}) {
  $("chat-view").hidden = true;
  $("join-view").hidden = false;
  if (nickname !== undefined) $("nickname").value = nickname;
  $("join-error").textContent = error;
  showTitle();
  $("nickname").focus();
  if (ROOM_FORM.test(room)) await describeRoom();
}

async function describeRoom() {
  try {
    const answer = await parlor.room(room);
    showRoom(answer.room);
    $("join-about").textContent = hereWords(answer.room.online);
  } catch (error) {
    $("join-about").textContent = "";
    if (!$("join-error").textContent) $("join-error").textContent = explain(error);
  }
}

async function join(event) {
  event.preventDefault();
  const nickname = $("nickname").value.trim();
  $("join-error").textContent = "";
  $("nickname").removeAttribute("aria-invalid");
  $("join").disabled = true;
  try {
    enter(await parlor.join(room, nickname ? { nickname } : {}));
  } catch (error) {
    if (error.code === "token_invalid") forget();
    $("join-error").textContent = explain(error);
    markField($("nickname"), error);
  } finally {
    $("join").disabled = false;
  }
}

/* The field to mend gets the focus, and says that it is the one. */
function markField(field, error) {
  if (error.code !== "nickname_taken" && !error.fields.nickname) return;
  field.setAttribute("aria-invalid", "true");
  field.focus();
}

function enter(picture) {
  $("join-view").hidden = true;
  $("chat-view").hidden = false;
  closePeople();
  setTrouble("");
  draw(picture);
  outbox = new Outbox({ key: `${key} outbox`, send: deliver, changed: showOutgoing });
  outbox.start();
  openStream(picture.cursor);
  $("text").focus();
}

function draw(picture) {
  me = picture.chatter;
  remember();
  showRoom(picture.room);
  log.draw(picture.messages, me);
  showOlder(picture.messages.length > 0 && picture.messages[0].id > 1);
  setPeople(picture.chatters, Math.max(picture.room.online, picture.chatters.length));
}

/* ---- the stream ---- */

function openStream(cursor) {
  stream = parlor.stream([room], { cursor, snapshot: redraw });
  stream.on("message", ({ message }) => hear(message));
  stream.on("alert", ({ message }) => hear(message));
  stream.on("presence", movePeople);
  stream.on("chatters", (list) => setPeople(list.chatters, list.count));
  stream.on("room", (change) => showRoom(change.room));
  stream.on("state", showState);
  stream.open();
}

/* The server could not bring all that was missed: take a fresh picture. */
async function redraw() {
  const picture = await parlor.join(room);
  draw(picture);
  return picture.cursor;
}

function showState(change) {
  const { state, transport } = change;
  $("state").textContent = stateWords(state);
  $("state").dataset.state = state;
  $("state").dataset.transport = transport;
  if (state === "open") {
    if ($("trouble").dataset.about === "connection") setTrouble("");
    outbox.retryAll();
  } else if (state === "reconnecting" && change.error) {
    setTrouble(explainWait(change.error), "Try now", () => stream.retryNow());
    $("trouble").dataset.about = "connection";
  } else if (state === "closed" && change.reason !== "closed") {
    expelled(change);
  }
}

/* The server will not have this connection back. */
function expelled(change) {
  const nickname = me.nickname;
  quit();
  showJoin({ error: explainEnd(change), nickname });
}

function quit() {
  stream.close();
  outbox.clear();
  forget();
  log.clear();
  people.clear();
}

/* ---- the room and who is in it ---- */

function showRoom(shown) {
  title = shown.title;
  $("room-about").textContent = title === room ? "" : room;
  showTitle();
}

function showTitle() {
  for (const id of ["join-title", "room-title"]) $(id).firstElementChild.textContent = title;
  document.title = unseen > 0 ? `(${unseen}) ${title}` : title;
}

function setPeople(list, count) {
  people.clear();
  for (const chatter of list) people.set(chatter.id, chatter);
  showPeople(count);
}

function movePeople({ joined = [], left = [], renamed = [], count }) {
  for (const chatter of joined) people.set(chatter.id, chatter);
  for (const chatter of left) people.delete(chatter.id);
  for (const chatter of renamed) {
    people.set(chatter.id, chatter);
    $("spoken").textContent = `${chatter.was} is now ${chatter.nickname}`;
    if (chatter.id === me.id) becomeNamed(chatter);
  }
  showPeople(count);
}

function becomeNamed({ nickname }) {
  me = { ...me, nickname };
  log.me = me;
  remember();
}

function showPeople(count) {
  const rows = [...people.values()].map((chatter) => {
    const row = element("li", "person");
    row.dataset.testid = "person";
    row.dataset.id = chatter.id;
    row.append(avatar(chatter), element("bdi", "name", chatter.nickname));
    if (chatter.id === me.id) row.append(element("span", "tag", "you"));
    else if (chatter.role !== "member") row.append(element("span", "tag", chatter.role));
    return row;
  });
  const more = count - rows.length;
  $("people").replaceChildren(...rows);
  $("people-count").textContent = count;
  $("people-toggle").textContent = `${count} here`;
  $("people-more").hidden = more <= 0;
  $("people-more").textContent = `and ${more} more`;
  $("me").textContent = me.nickname;
}

function openPeople() {
  $("people-panel").dataset.open = "";
  $("people-toggle").setAttribute("aria-expanded", "true");
  $("people-close").focus();
}

function closePeople() {
  delete $("people-panel").dataset.open;
  $("people-toggle").setAttribute("aria-expanded", "false");
}

/* ---- reading ---- */

/* The sender hears it twice, from the answer and from the room. */
function hear(message) {
  if (message.client_id && message.chatter?.id === me.id) outbox.confirm(message.client_id);
  const atEnd = log.atEnd;
  if (!log.add(message)) return;
  if (!atEnd) $("newest").hidden = false;
  if (document.hidden && !message.notice) {
    unseen += 1;
    showTitle();
  }
}

function showOlder(there) {
  $("older").hidden = !there;
}

async function readOlder() {
  if ($("older").hidden || $("older").disabled) return;
  $("older").disabled = true;
  try {
    const page = await parlor.messages(room, { before: log.oldest });
    log.prepend(page.messages);
    showOlder(page.has_more);
  } catch (error) {
    setTrouble(explain(error), "Try again", readOlder);
  } finally {
    $("older").disabled = false;
  }
}

function scrolled() {
  if (log.atEnd) $("newest").hidden = true;
  if ($("log").scrollTop < NEAR_TOP_PX) readOlder();
}

/* ---- writing ---- */

async function deliver(item) {
  const { message } = await parlor.send(room, item.content, { clientId: item.clientId });
  hear(message);
}

function showOutgoing(item) {
  if (item.state === "sent") log.hideWaiting(item.clientId);
  else log.showWaiting(item, item.error ? explain(item.error) : "");
}

function submit(event) {
  event.preventDefault();
  const content = $("text").value.replace(/\s+$/u, "");
  const over = [...content].length - CONTENT_MAX;
  $("text-error").textContent = over > 0 ? `Too long by ${over} characters. Shorten it to send it.` : "";
  if (content && over <= 0) {
    outbox.add(content);
    $("text").value = "";
    fit();
  }
  $("text").focus();
}

/* Enter sends, Shift+Enter makes a line; Enter may also end a composition. */
function typed(event) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("compose").requestSubmit();
}

/* The box grows with what is in it, as far as the style sheet lets it. */
function fit() {
  const box = $("text");
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + box.offsetHeight - box.clientHeight}px`;
}

/* ---- renaming and leaving ---- */

function askName() {
  $("rename-error").textContent = "";
  $("rename-nickname").removeAttribute("aria-invalid");
  $("rename-nickname").value = me.nickname;
  $("rename-dialog").showModal();
  $("rename-nickname").select();
}

async function rename(event) {
  event.preventDefault();
  $("rename-save").disabled = true;
  $("rename-error").textContent = "";
  try {
    const answer = await parlor.rename(room, me.id, $("rename-nickname").value.trim());
    becomeNamed(answer.chatter);
    $("me").textContent = me.nickname;
    $("rename-dialog").close();
  } catch (error) {
    $("rename-error").textContent = explain(error);
    markField($("rename-nickname"), error);
  } finally {
    $("rename-save").disabled = false;
  }
}

/* Whoever leaves is out, even when the server cannot be told at once. */
async function leave() {
  const { nickname, id } = me;
  let error = "";
  $("leave").disabled = true;
  stream.close();
  try {
    await parlor.leave(room, id);
  } catch (failure) {
    if (failure.passing) error = LEFT_UNTOLD;
  }
  $("leave").disabled = false;
  quit();
  await showJoin({ error, nickname });
}

/* ---- the rest ---- */

function setTrouble(text, action = "", fn = null) {
  $("trouble").hidden = !text;
  delete $("trouble").dataset.about;
  $("trouble-text").textContent = text;
  $("trouble-action").hidden = !fn;
  $("trouble-action").textContent = action;
  $("trouble-action").onclick = () => {
    setTrouble("");
    fn();
  };
}

function seen() {
  if (document.hidden) return;
  unseen = 0;
  showTitle();
}

function listen() {
  const on = (id, name, fn) => $(id).addEventListener(name, fn);
  on("join-form", "submit", join);
  on("compose", "submit", submit);
  on("text", "keydown", typed);
  on("text", "input", fit);
  on("log", "scroll", scrolled);
  on("older", "click", readOlder);
  on("newest", "click", () => log.toEnd());
  on("rename", "click", askName);
  on("rename-form", "submit", rename);
  on("rename-cancel", "click", () => $("rename-dialog").close());
  on("leave", "click", leave);
  on("people-toggle", "click", openPeople);
  on("people-close", "click", () => {
    closePeople();
    $("people-toggle").focus();
  });
  on("people-panel", "keydown", (event) => {
    if (event.key !== "Escape") return;
    closePeople();
    $("people-toggle").focus();
  });
  document.addEventListener("visibilitychange", seen);
}

start();
