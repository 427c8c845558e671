/*
 * app: the page.  Without ?room= in its address it shows the rooms; with it,
 * the room's door, or the room itself if this tab has been there before.
 */

import { addressIn, asked, keyOf } from "./address.js";
import { watchAttention } from "./attention.js";
import { Chat } from "./chat.js";
import { Door } from "./door.js";
import { $, element } from "./elements.js";
import { recall } from "./memory.js";
import { Parlor, ParlorError } from "./parlor.js";
import { Rooms, leadBack } from "./rooms.js";
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

async function visit(parlor, room) {
  const door = new Door({ parlor, room, enter });
  const chat = new Chat({ parlor, room, expelled: (why) => door.show(why) });

  function enter(picture) {
    door.hide();
    chat.enter(picture);
  }

  /* Those who were in a room that has closed may still read it. */
  async function readOrRefuse(kept, refused) {
    try {
      const answer = await parlor.room(room);
      const { messages } = await parlor.messages(room);
      chat.read({ room: answer.room, messages, chatter: kept.chatter });
    } catch {
      await door.show({ refused });
    }
  }

  const kept = recall(keyOf(room));
  if (kept) parlor.token = kept.token;
  if (!kept?.chatter) {
    await door.show();
    return;
  }
  try {
    enter(await parlor.join(room));
  } catch (error) {
    if (error.code === "token_invalid") parlor.token = null;
    if (error.code === "room_expired") await readOrRefuse(kept, error);
    else await door.show({ refused: error, nickname: kept.chatter.nickname });
  }
}

async function start() {
  useLanguage();
  watchAttention();
  const parlor = new Parlor({ api: setting("parlor-api"), events: setting("parlor-events") });
  if (asked.room === null) {
    await new Rooms(parlor).show();
    return;
  }
  if (ROOM_FORM.test(asked.room)) {
    await visit(parlor, asked.room);
    return;
  }
  const refused = new ParlorError({ status: 404, code: "not_found" });
  await new Door({ parlor, room: asked.room }).show({ refused });
}

start();
