/*
 * words: what the page says when something fails.  Each sentence tells what
 * happened and what to do about it, and claims nothing that is not known.
 */

const BY_CODE = {
  unreachable: "The server cannot be reached. Check your connection and try again.",
  timeout: "The server did not answer in time. Try again in a moment.",
  not_parlor:
    "Something other than the chat server answered. If this goes on, tell whoever runs this site.",
  token_required: "You are no longer signed in to this room. Join again.",
  token_invalid: "The server no longer knows this visit. Join again.",
  not_in_room: "You are no longer in this room. Join again.",
  forbidden: "You may not do that in this room.",
  not_found: "There is no such room. Check the address you were given.",
  room_full: "This room is full. Try again when somebody has left.",
  nickname_taken: "Somebody here already goes by that name, or one that looks like it. Choose another.",
  room_expired: "This room has closed. What was said can be read, but nothing can be added.",
  body_too_large: "That is too long. Make it shorter and send it again.",
  too_many_streams: "Too many chat windows are open. Close some and try again.",
  busy: "The server is busy. Try again in a moment.",
  stopping: "The server is restarting. Try again in a moment.",
  internal: "The server failed at this. Try again; if it goes on, tell whoever runs this site.",
};

const BY_REASON = {
  left: "You left this room in another window.",
  removed: "You were removed from this room.",
  room_gone: "This room no longer exists.",
  replaced: "This visit went on in another window.",
};

const STATES = {
  connecting: "Connecting…",
  open: "Connected",
  reconnecting: "Reconnecting…",
  closed: "Not connected",
};

export const LEFT_UNTOLD =
  "You have left, but the server could not be told. Others will see you go once it notices.";

/* Why a request failed, for people. */
export function explain(error) {
  const field = Object.values(error.fields ?? {})[0];
  if (field) return sentence(field);
  if (BY_CODE[error.code]) return BY_CODE[error.code];
  if (error.status === 429) return "That was too fast. Wait a little and try again.";
  return `${sentence(error.message || "Something went wrong")} Try again.`;
}

/* Why a stream is broken for now, for people. */
export function explainWait(error) {
  const why = error.status === 0 ? "The server cannot be reached." : explain(error);
  return `${why} This page goes on trying.`;
}

/* Why a stream ended for good, for people. */
export function explainEnd({ reason, error }) {
  if (error) return explain(error);
  return BY_REASON[reason] ?? "The connection was closed. Join again.";
}

export function stateWords(state) {
  return STATES[state];
}

export function hereWords(count) {
  if (count === 0) return "Nobody is here yet";
  return count === 1 ? "1 person here" : `${count} people here`;
}

function sentence(text) {
  const trimmed = text.trim();
  const begun = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/u.test(begun) ? begun : `${begun}.`;
}
