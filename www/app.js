/*
 * app: the page.  Without ?room= in its address it shows the rooms; with it,
 * the room's door, or the room itself if this tab has been there before.
 */

import { addressIn, asked } from "./address.js";
import { Chat } from "./chat.js";
import { watchConfirm } from "./confirm.js";
import { Door } from "./entry.js";
import { $, element } from "./elements.js";
import { Identity } from "./identity.js";
import { Inbox } from "./inbox.js";
import { watchKeys } from "./keyboard.js";
import { watchMenu } from "./menu.js";
import { Parlor, ParlorError } from "./parlor.js";
import { Queue } from "./personal-queue.js";
import { Rooms, leadBack } from "./room-list.js";
import { LANGUAGES, chooseLanguage, fillWords, languageName, speak } from "./words.js";

const ROOM_FORM = /^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$/;

const setting = (name) => document.querySelector(`meta[name="${name}"]`).content;

function useLanguage() {
  const language = chooseLanguage(asked.language, navigator.languages);
  speak(language);
  document.documentElement.lang = language;
  fillWords(document);
  leadBack(asked.namespace);
  $("languages").replaceChildren(...LANGUAGES.map((one) => languageLink(one, language)));
}

function languageLink(language, current) {
  const made = element("a", "", languageName(language));
  made.href = addressIn(language);
  made.hreflang = language;
  made.lang = language;
  if (language === current) made.setAttribute("aria-current", "true");
  return made;
}

async function visit(person, room) {
  const { parlor, identity, queue } = person;
  const door = new Door({ ...person, room, enter });
  const chat = new Chat({ ...person, room, expelled: refuse });

  function enter(picture) {
    queue.close();
    door.hide();
    chat.enter(picture);
  }

  async function refuse(why) {
    queue.open();
    await door.show(why);
  }

  /* Those who were in a room that has closed may still read it. */
  async function readOrRefuse(chatter, refused) {
    try {
      const answer = await parlor.room(room);
      const { messages } = await parlor.messages(room);
      queue.open();
      chat.read({ room: answer.room, messages, chatter });
    } catch {
      await refuse({ refused });
    }
  }

  const chatter = identity.chatter(room);
  if (!chatter) {
    await refuse();
    return;
  }
  try {
    enter(await parlor.join(room));
  } catch (error) {
    if (error.code === "token_invalid") await identity.end();
    if (error.code === "room_expired") await readOrRefuse(chatter, error);
    else await refuse({ refused: error, nickname: chatter.nickname });
  }
}

async function start() {
  useLanguage();
  watchKeys();
  watchMenu();
  watchConfirm();
  const parlor = new Parlor({ api: setting("parlor-api"), events: setting("parlor-events") });
  const identity = new Identity(parlor);
  const queue = new Queue(parlor);
  const inbox = new Inbox({ parlor, identity, queue });
  const person = { parlor, identity, queue, inbox };
  if (asked.room === null) {
    await new Rooms(person).show();
    return;
  }
  if (ROOM_FORM.test(asked.room)) {
    await visit(person, asked.room);
    return;
  }
  const refused = new ParlorError({ status: 404, code: "not_found" });
  await new Door({ ...person, room: asked.room }).show({ refused });
}

/* Where the page cannot run, browser-check.js has said so. */
const root = document.documentElement;
if (root.dataset.page !== "unfit") {
  start().then(() => {
    root.dataset.page = "begun";
  });
}
