/* Notifications: sending them, withdrawing them, and reading inboxes. */
import assert from "node:assert/strict";

export const LIKE = { type: "like", text: "somebody likes this", target: { kind: "post", id: "17" } };

export function pathOf(room, to) {
  return `/rooms/${room}/chatters/${to.chatter(room)}/notifications`;
}

/* FROM notifies TO; both are in ROOM. */
export async function notify(from, room, to, fields = LIKE) {
  const { notification } = await from.ask("POST", pathOf(room, to), fields);
  return notification;
}

export async function withdraw(from, room, to, { type, target } = LIKE) {
  const query = new URLSearchParams({ type, target_kind: target.kind, target_id: target.id });
  const { status, text } = await from.answer("DELETE", `${pathOf(room, to)}?${query}`);
  assert.equal(status, 204, text);
}

export function inbox(person, query = "") {
  return person.ask("GET", `/me/notifications${query}`);
}

export async function unread(person) {
  return (await person.ask("GET", "/me/notifications/unread_count")).unread;
}

/* A room with KIM, LEE and PARK in it. */
export async function trio(s) {
  const { room } = await s.room({ grace_ms: 600_000 });
  const [kim, lee, park] = [await s.member(room, "kim"), await s.member(room, "lee"), await s.member(room, "park")];
  return { room, kim, lee, park };
}

/* A service with a key, and the path and id by which it names the user of WHO. */
export async function service(s, who) {
  const { user } = await who.ask("GET", "/me");
  return { back: s.person({ token: await s.server.key("notifications") }), path: `/users/${user.id}/notifications`, id: user.id };
}

export const isNotification = ({ kind }) => kind === "notification" || kind === "notifications";
