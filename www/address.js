/*
 * address: what the page's address says, and the addresses of its views, all
 * relative, so that the page works in any folder.
 */

const MESSAGE = "message-";
const MESSAGE_ASKED = new RegExp(`^#${MESSAGE}(\\d{1,15})$`);

const query = new URLSearchParams(location.search);

export const asked = Object.freeze({
  room: query.get("room"),
  namespace: query.get("namespace") ?? "main",
  language: query.get("lang"),
});

/* A language that was chosen goes along from view to view. */
function view(fields) {
  const made = new URLSearchParams(fields);
  if (asked.language && !made.has("lang")) made.set("lang", asked.language);
  const text = made.toString();
  return text ? `?${text}` : "./";
}

/* With `message` the view goes to that one. */
export function roomAddress(room, message) {
  return view({ room }) + (message === undefined ? "" : `#${MESSAGE}${message}`);
}

/* The message that the address goes to, or null; it is asked for once. */
export function takeMessageAsked() {
  const [, id] = MESSAGE_ASKED.exec(location.hash) ?? [];
  if (id) history.replaceState(history.state, "", location.pathname + location.search);
  return id ? Number(id) : null;
}

export function roomsAddress(namespace) {
  return view(namespace === "main" ? {} : { namespace });
}

/* This view in another language. */
export function addressIn(language) {
  const made = new URLSearchParams(query);
  made.set("lang", language);
  return `?${made}`;
}

/* To be handed to others, who have languages of their own. */
export function linkTo(room) {
  const url = new URL(location.pathname, location.href);
  url.searchParams.set("room", room);
  return url.href;
}

/* Under what is kept for a room, or for the page itself (names that no room has). */
export function keyOf(room) {
  return `parlor ${new URL(".", location.href).pathname} ${room}`;
}
