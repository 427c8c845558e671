/*
 * origin: whether it is this page's origin that a server refuses.
 *
 * A browser hides from a page why another site's answer may not be read: it
 * looks like a server that is down.  A request in the mode no-cors tells them
 * apart: it succeeds wherever there is an answer, which nobody gets to read.
 */

const PROBE_MS = 5_000;

async function reaches(url, mode) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), PROBE_MS);
  try {
    await fetch(url, { mode, cache: "no-store", credentials: "omit", signal: limit.signal });
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/* The query is left out: it may ask the server to wait. */
export async function isOriginRefused(url) {
  const { origin, pathname } = new URL(url);
  if (!globalThis.location || origin === globalThis.location.origin) return false;
  const plain = origin + pathname;
  return (await reaches(plain, "no-cors")) && !(await reaches(plain, "cors"));
}
