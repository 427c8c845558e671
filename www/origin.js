/*
 * origin: whether a server refuses the origin of this page.
 *
 * A browser hides from a page that another site's answer may not be read: the
 * server looks as if it were down.  A request in the mode no-cors tells the two
 * apart: it succeeds if there is any answer, although the page cannot read it.
 */

const PROBE_MS = 5_000;

/** @param {string} url @param {RequestMode} mode */
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

/**
 * The query is left out: it may ask the server to wait.
 *
 * @param {URL} url
 */
export async function isOriginRefused(url) {
  const { origin, pathname } = new URL(url);
  if (!globalThis.location || origin === globalThis.location.origin) return false;
  const plain = origin + pathname;
  return (await reaches(plain, "no-cors")) && !(await reaches(plain, "cors"));
}
