/*
 * Plots of how a cost grows, as SVG: a logarithmic axis of numbers, a linear one
 * of costs from 0.  Readable on light and on dark pages.
 */
import { number } from "./table.mjs";

const WIDTH = 640;
const HEIGHT = 320;
const AREA = { left: 72, right: 616, top: 44, bottom: 264, inset: 28 };
const TICKS = 4;

/* A round number, at least VALUE, whose TICKS parts are round too. */
export function ceiling(value) {
  const unit = 10 ** Math.floor(Math.log10(value / TICKS));
  const step = [1, 2, 2.5, 5, 10].find((one) => one * unit * TICKS >= value * (1 - 1e-9));
  return step * unit * TICKS;
}

/* Maps the decades from FIRST to LAST to the area's width, with room for labels. */
export function across(first, last) {
  const span = Math.log(last / first);
  return (x) => AREA.left + AREA.inset + (Math.log(x / first) / span) * (AREA.right - AREA.left - 2 * AREA.inset);
}

export function upward(most) {
  return (y) => AREA.bottom - (y / most) * (AREA.bottom - AREA.top);
}

/*
 * K of y = c x^k through the points, by least squares: 0 is constant, 1 linear.
 */
export function exponent(points) {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)]);
  const mean = (i) => logs.reduce((sum, one) => sum + one[i], 0) / logs.length;
  const [mx, my] = [mean(0), mean(1)];
  const sum = (of) => logs.reduce((all, one) => all + of(one), 0);
  return sum(([x, y]) => (x - mx) * (y - my)) / sum(([x]) => (x - mx) ** 2);
}

/* 1,000 as 1 k, 5,000,000 as 5 M. */
export function short(value) {
  if (value >= 1e6) return `${value / 1e6} M`;
  return value >= 1e3 ? `${value / 1e3} k` : String(value);
}

const STYLE = `
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.title { font-weight: 600; font-size: 15px; }
.grid { stroke: #d0d7de; }
.line { stroke: #0969da; fill: none; stroke-width: 2.5; }
.dot { fill: #0969da; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .grid { stroke: #3d444d; }
  .line { stroke: #4493f8; }
  .dot { fill: #4493f8; }
}`;

const at = (x, y, anchor, text, more = "") => `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}"${more}>${text}</text>`;

/* Names of axes are plain text without < and &. */
export function plot({ title, xName, yName, points }) {
  const most = ceiling(Math.max(...points.map(([, y]) => y)));
  const x = across(points[0][0], points.at(-1)[0]);
  const y = upward(most);
  const levels = Array.from({ length: TICKS + 1 }, (_, i) => (most * i) / TICKS);
  const middle = (AREA.left + AREA.right) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">`,
    `<style>${STYLE}\n</style>`,
    at(AREA.left, 24, "start", title, ' class="title"'),
    ...levels.map((level) => `<line class="grid" x1="${AREA.left}" x2="${AREA.right}" y1="${y(level).toFixed(1)}" y2="${y(level).toFixed(1)}"/>`),
    ...levels.map((level) => at(AREA.left - 8, y(level) + 4, "end", level === 0 ? "0" : number(level))),
    ...points.map(([value]) => at(x(value), AREA.bottom + 20, "middle", short(value))),
    at(middle, HEIGHT - 14, "middle", xName),
    at(18, (AREA.top + AREA.bottom) / 2, "middle", yName, ` transform="rotate(-90 18 ${(AREA.top + AREA.bottom) / 2})"`),
    `<polyline class="line" points="${points.map(([px, py]) => `${x(px).toFixed(1)},${y(py).toFixed(1)}`).join(" ")}"/>`,
    ...points.map(([px, py]) => `<circle class="dot" cx="${x(px).toFixed(1)}" cy="${y(py).toFixed(1)}" r="4"/>`),
    ...points.map(([px, py]) => at(x(px), y(py) - 10, "middle", number(py))),
    "</svg>",
    "",
  ].join("\n");
}
