/*
 * address: the parameters in the page's address, and the addresses of its
 * views.  All are relative, so that the page works in any folder.
 */

const MESSAGE = "message-";
const MESSAGE_HASH = new RegExp(`^#${MESSAGE}(\\d{1,15})$`);

const query = new URLSearchParams(location.search);

export const params = Object.freeze({
  room: query.get("room"),
  namespace: query.get("namespace") ?? "main",
  language: query.get("lang"),
});

/**
 * A language that was chosen stays chosen from view to view.
 *
 * @param {Record<string, string>} fields
 */
function view(fields) {
  const made = new URLSearchParams(fields);
  if (params.language && !made.has("lang")) made.set("lang", params.language);
  const text = made.toString();
  return text ? `?${text}` : "./";
}

/**
 * With `message` the view scrolls to that message.
 *
 * @param {string} room
 * @param {number | string} [message]
 */
export function roomAddress(room, message) {
  return view({ room }) + (message === undefined ? "" : `#${MESSAGE}${message}`);
}

/** The message that the address names, or null.  It is taken out of the address. */
export function takeLinkedMessage() {
  const [, id] = MESSAGE_HASH.exec(location.hash) ?? [];
  if (id) history.replaceState(history.state, "", location.pathname + location.search);
  return id ? Number(id) : null;
}

/** @param {string} namespace */
export function roomsAddress(namespace) {
  return view(namespace === "main" ? {} : { namespace });
}

/**
 * This view in another language.
 *
 * @param {string} language
 */
export function addressInLanguage(language) {
  const made = new URLSearchParams(query);
  made.set("lang", language);
  return `?${made}`;
}

/**
 * A link for other people, without the visitor's language.
 *
 * @param {string} room
 */
export function shareLink(room) {
  const url = new URL(location.pathname, location.href);
  url.searchParams.set("room", room);
  return url.href;
}

/**
 * The key in the browser's storage for what belongs to a room, or to the page
 * itself (by a name that no room has).
 *
 * @param {string} name
 */
export function storageKey(name) {
  return `parlor ${new URL(".", location.href).pathname} ${name}`;
}
