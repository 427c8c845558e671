/*
 * private-room: a room for two people.  It is not listed; the other person is
 * invited by a notification.  A second press leads back to the same room.
 */

import { storageKey } from "./address.js";
import { load, save } from "./storage.js";
import { word } from "./words.js";

const SEATS = 2;

/**
 * Returns the id of the room in which `me` talks with `other`.
 *
 * @param {Pick<import("./app.js").Visitor, "parlor" | "identity">} visitor
 * @param {string} room in which both are
 * @param {import("./types.js").Chatter} me
 * @param {import("./types.js").Chatter} other
 * @returns {Promise<string>}
 */
export async function openPrivateRoom({ parlor, identity }, room, me, other) {
  const key = storageKey(`${room} ${me.id} with ${other.id}`);
  const known = load(key);
  if (known && (await isOpen(parlor, known))) return known;
  const title = word("privateTitle", me.nickname, other.nickname);
  const made = await parlor.createRoom({ title, capacity: SEATS, listed: false });
  try {
    const { chatter } = await parlor.join(made.room.id, { nickname: me.nickname });
    await parlor.notify(room, other.id, invitation(made.room.id, me.nickname));
    identity.setChatter(made.room.id, chatter);
  } catch (error) {
    await parlor.deleteRoom(made.room.id).catch(() => {}); /* nobody knows of it */
    throw error;
  }
  save(key, made.room.id);
  return made.room.id;
}

/** @param {string} room @param {string} who */
function invitation(room, who) {
  const text = word("notifications").invitation(who);
  return { type: "invitation", text, target: { kind: "room", id: room }, payload: { who } };
}

/** @param {import("./parlor.js").Parlor} parlor @param {string} room */
async function isOpen(parlor, room) {
  try {
    return !(await parlor.room(room)).room.expired;
  } catch (error) {
    if (error.code === "not_found") return false;
    throw error;
  }
}
