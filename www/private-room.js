/*
 * private-room: a room for two.  It is not listed; the other is invited by a
 * notification.  Who presses twice comes back to the same room.
 */

import { keyOf } from "./address.js";
import { keep, recall } from "./storage.js";
import { word } from "./words.js";

const SEATS = 2;

/* Returns the id of the room in which `me` talks with `other`, a chatter of `room`. */
export async function roomForTwo({ parlor, identity }, room, me, other) {
  const key = keyOf(`${room} ${me.id} with ${other.id}`);
  const known = recall(key);
  if (known && (await isOpen(parlor, known))) return known;
  const title = word("privateTitle", me.nickname, other.nickname);
  const made = await parlor.createRoom({ title, capacity: SEATS, listed: false });
  try {
    const { chatter } = await parlor.join(made.room.id, { nickname: me.nickname });
    await parlor.notify(room, other.id, invitation(made.room.id, me.nickname));
    identity.keep(made.room.id, chatter);
  } catch (error) {
    await parlor.deleteRoom(made.room.id).catch(() => {}); /* nobody knows of it */
    throw error;
  }
  keep(key, made.room.id);
  return made.room.id;
}

function invitation(room, who) {
  const text = word("notifications").invitation(who);
  return { type: "invitation", text, target: { kind: "room", id: room }, payload: { who } };
}

async function isOpen(parlor, room) {
  try {
    return !(await parlor.room(room)).room.expired;
  } catch (error) {
    if (error.code === "not_found") return false;
    throw error;
  }
}
