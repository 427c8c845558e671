/*
 * browser-check: says so where the page cannot run.
 *
 * This is a classic script in ES5, so that any browser can read it.
 * docs/CLIENT.md names the oldest supported browsers; the script looks for
 * features that they have and older ones lack.  data-page on the root element
 * holds the result: unsupported, failed (an error before the page had begun), or
 * begun, which app.js sets even after an error of another script.
 */
(function () {
  "use strict";

  /** @type {[string, any][]} */
  var needed = [
    ["findLast", Array.prototype],
    ["replaceAll", String.prototype],
    ["hasOwn", Object],
    ["structuredClone", window],
    ["reportError", window],
    ["ResizeObserver", window],
    ["AbortController", window],
    ["HTMLDialogElement", window],
    ["noModule", HTMLScriptElement.prototype],
    ["enterKeyHint", HTMLElement.prototype]
  ];

  function fits() {
    for (var i = 0; i < needed.length; i++) {
      if (!needed[i][1] || !(needed[i][0] in needed[i][1])) return false;
    }
    return !!(window.CSS && CSS.supports && CSS.supports("height", "100dvh"));
  }

  var root = document.documentElement;

  function failed() {
    if (!root.getAttribute("data-page")) root.setAttribute("data-page", "failed");
  }

  if (!fits()) root.setAttribute("data-page", "unsupported");
  window.addEventListener("error", failed);
  window.addEventListener("unhandledrejection", failed);
  /* A script that cannot be loaded fires an error at its own element, which does not bubble. */
  document.addEventListener("error", function (event) {
    if (/** @type {Element} */ (event.target).nodeName === "SCRIPT") failed();
  }, true);
})();
