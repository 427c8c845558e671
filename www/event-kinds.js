/* event-kinds: the kinds of events, and what ends a stream for good. */

/**
 * Every kind of event.  A fact comes from the log, has an id and moves the
 * cursor.  A control frame is about the connection and does neither.
 *
 * @type {Readonly<Record<string, "control" | "fact">>}
 */
export const KINDS = Object.freeze({
  sync: "control",
  hb: "control",
  bye: "control",
  message: "fact",
  alert: "fact",
  edited: "fact",
  deleted: "fact",
  presence: "fact",
  chatters: "fact",
  room: "fact",
  notification: "fact",
  notifications: "fact",
  signed_out: "fact",
  goodbye: "fact",
  unread: "fact",
  read: "fact",
});

/* After a bye with one of these reasons the server accepts no reconnect. */
const FINAL_REASONS = new Set([
  "left",
  "removed",
  "room_gone",
  "room_expired",
  "replaced",
  "signed_out",
  "token_expired",
]);

/* Nor after an error with one of these codes. */
const FINAL_CODES = new Set([
  "token_required",
  "token_invalid",
  "not_in_room",
  "forbidden",
  "banned",
  "not_found",
  "room_expired",
]);

/**
 * Whether a stream that ended for `reason` or by `error` must not reconnect.
 *
 * @param {{ reason?: string, error?: { code: string } }} why
 */
export function isFinal({ reason, error }) {
  return FINAL_REASONS.has(reason ?? "") || FINAL_CODES.has(error?.code ?? "");
}
