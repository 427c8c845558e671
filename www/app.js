/*
 * app: starts the page.  Without ?room= in its address it shows the list of
 * rooms.  With it, it shows the room if this tab has joined it before, and the
 * form to join otherwise.
 */

import { addressInLanguage, params } from "./address.js";
import { Chat } from "./chat.js";
import { initConfirm } from "./confirm.js";
import { $, element } from "./elements.js";
import { Entry } from "./entry.js";
import { Identity } from "./identity.js";
import { Inbox } from "./inbox.js";
import { guardComposition } from "./keyboard.js";
import { initMenu } from "./menu.js";
import { Parlor, ParlorError } from "./parlor.js";
import { PersonalQueue } from "./personal-queue.js";
import { RoomList, linkToRooms } from "./room-list.js";
import { LANGUAGES, chooseLanguage, fillTexts, languageName, setLanguage } from "./words.js";

/**
 * What every view needs to know of the visitor.
 *
 * @typedef {object} Visitor
 * @property {Parlor} parlor
 * @property {Identity} identity
 * @property {PersonalQueue} queue
 * @property {Inbox} inbox
 */

const ROOM_ID = /^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$/;

/** @param {string} name */
const setting = (name) => /** @type {HTMLMetaElement} */ (document.querySelector(`meta[name="${name}"]`)).content;

function applyLanguage() {
  const language = chooseLanguage(params.language, navigator.languages);
  setLanguage(language);
  document.documentElement.lang = language;
  fillTexts(document);
  linkToRooms(params.namespace);
  $("languages").replaceChildren(...LANGUAGES.map((one) => languageLink(one, language)));
}

/** @param {string} language @param {string} current */
function languageLink(language, current) {
  const made = element("a", "", languageName(language));
  made.href = addressInLanguage(language);
  made.hreflang = language;
  made.lang = language;
  if (language === current) made.setAttribute("aria-current", "true");
  return made;
}

/** @param {Visitor} visitor @param {string} room */
async function visitRoom(visitor, room) {
  const { parlor, identity, queue } = visitor;
  const entry = new Entry({ ...visitor, room, joined: enter });
  const chat = new Chat({ ...visitor, room, ended: showEntry });

  /** @param {import("./types.js").Snapshot} snapshot */
  function enter(snapshot) {
    queue.close();
    entry.hide();
    chat.enter(snapshot);
  }

  /** @param {import("./entry.js").EntryReason} [reason] */
  async function showEntry(reason) {
    queue.open();
    await entry.show(reason);
  }

  /**
   * Members may still read a room that has closed.
   *
   * @param {import("./types.js").Chatter} chatter
   * @param {ParlorError} error
   */
  async function readClosedRoom(chatter, error) {
    try {
      const answer = await parlor.room(room);
      const { messages } = await parlor.messages(room);
      queue.open();
      chat.showClosed({ room: answer.room, messages, chatter });
    } catch {
      await showEntry({ error });
    }
  }

  const chatter = identity.chatter(room);
  if (!chatter) {
    await showEntry();
    return;
  }
  try {
    enter(await parlor.join(room));
  } catch (error) {
    if (error.code === "token_invalid") await identity.reset();
    if (error.code === "room_expired") await readClosedRoom(chatter, error);
    else await showEntry({ error, nickname: chatter.nickname });
  }
}

async function start() {
  applyLanguage();
  guardComposition();
  initMenu();
  initConfirm();
  const parlor = new Parlor({ api: setting("parlor-api"), events: setting("parlor-events") });
  const identity = new Identity(parlor);
  const queue = new PersonalQueue(parlor);
  const inbox = new Inbox({ parlor, identity, queue });
  const visitor = { parlor, identity, queue, inbox };
  if (params.room === null) {
    await new RoomList(visitor).show();
    return;
  }
  if (ROOM_ID.test(params.room)) {
    await visitRoom(visitor, params.room);
    return;
  }
  const error = new ParlorError({ status: 404, code: "not_found" });
  await new Entry({ ...visitor, room: params.room, joined: () => {} }).show({ error });
}

/* Where the page cannot run, browser-check.js has said so. */
const root = document.documentElement;
if (root.dataset.page !== "unsupported") {
  start().then(() => {
    root.dataset.page = "begun";
  });
}
