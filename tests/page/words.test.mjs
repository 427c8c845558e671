/* The texts of the page and its language, without a browser. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { TOP } from "../e2e/lib/server.mjs";
import en from "../../www/words-en.js";
import ko, { endsClosed, withParticle } from "../../www/words-ko.js";
import { chooseLanguage, errorText, reconnectingText, noticeText, setLanguage } from "../../www/words.js";
import { told } from "./lib.mjs";

/* The keys of a table with the kinds of their values. */
function shape(table) {
  return Object.entries(table).map(([key, value]) => {
    if (typeof value === "object") return [key, shape(value)];
    return [key, typeof value === "function" ? value.length : typeof value];
  }).sort();
}

told("page: both languages say the same things", () => {
  assert.ok(shape(en).length > 50);
  assert.deepEqual(shape(ko), shape(en));
});

told("page: every word that the page's elements ask for is there", () => {
  const html = readFileSync(join(TOP, "www/index.html"), "utf8");
  const asked = [...html.matchAll(/data-(?:word|label|placeholder)="(\w+)"/g)].map(([, key]) => key);
  assert.ok(asked.length > 30);
  assert.deepEqual(asked.filter((key) => typeof en[key] !== "string"), []);
});

told("page: the language is the requested one, else the first of the visitor's that is known", () => {
  const cases = [
    [null, ["ko-KR", "en"], "ko"], [null, ["ko"], "ko"], [null, ["en-GB", "ko"], "en"],
    [null, ["fr", "ko-KR"], "ko"], [null, ["fr"], "en"], [null, [], "en"],
    ["ko", ["en"], "ko"], ["en", ["ko"], "en"], ["xx", ["ko"], "ko"], ["constructor", ["en"], "en"],
  ];
  for (const [wanted, preferred, language] of cases)
    assert.equal(chooseLanguage(wanted, preferred), language, `${wanted} ${preferred}`);
});

const CLOSED = ["지훈", "김민준", "빵", "닭", "kim", "Jin", "Paul", "Bob", "Rick", "young", "Jane", "Nicole", "Google", "방 10", "kim2026년", "손님1", "Room 6", "ㅋㅋ", "L", "지훈!", "지훈😀", "지훈".normalize("NFD")];
const OPEN = ["민수", "나비", "Mike", "anna", "lee", "Robert", "Kate", "me", "David", "손님2", "user 9", "ㅠ", "B", "(민수)", "민수…"];

told("page: a Korean particle fits the last sound of the name", () => {
  for (const name of CLOSED) assert.equal(endsClosed(name), true, name);
  for (const name of OPEN) assert.equal(endsClosed(name), false, name);
  for (const name of ["さくら", "Иван", "😀", "!", "김민수, 😀"]) assert.equal(endsClosed(name), null, name);
  assert.equal(withParticle("지훈", "은", "는"), "지훈은");
  assert.equal(withParticle("민수", "은", "는"), "민수는");
  assert.equal(withParticle("지훈", "이", "가"), "지훈이");
  assert.equal(withParticle("민수", "을", "를"), "민수를");
  assert.equal(withParticle("😀", "을", "를"), "😀을(를)");
});

told("page: notices and errors are in the viewer's language", (t) => {
  t.after(() => setLanguage("en"));
  const notice = (kind, reason, nickname) =>
    noticeText({ content: "as sent", notice: { kind, reason, chatter: { nickname } } });
  setLanguage("ko");
  assert.equal(notice("joined", null, "민수"), "민수가 들어왔습니다");
  assert.equal(notice("left", "left", "지훈"), "지훈이 나갔습니다");
  assert.equal(notice("left", "timeout", "민수"), "민수는 연결이 끊겨 나갔습니다");
  assert.equal(notice("left", "removed", "지훈"), "지훈을 내보냈습니다");
  assert.equal(errorText({ status: 409, code: "room_full", fields: {} }), ko.errors.room_full);
  setLanguage("en");
  assert.equal(notice("joined", null, "kim"), "kim joined");
  assert.equal(notice("left", "timeout", "kim"), "kim left");
  assert.equal(notice("something new", null, "kim"), "as sent");
  assert.equal(noticeText({ content: "an alert" }), "an alert");
  assert.equal(errorText({ status: 422, code: "invalid_fields", fields: { nickname: "x" } }), en.fields.nickname);
  assert.equal(errorText({ status: 429, code: "new", fields: {} }), en.errors.too_fast);
});

const MANY = [
  [["민수", "지훈"], 2, "민수, 지훈이 들어왔습니다", "민수 and 지훈 joined"],
  [["지훈", "민수"], 2, "지훈, 민수가 들어왔습니다", "지훈 and 민수 joined"],
  [["kim", "Bob", "Mike"], 3, "kim, Bob, Mike가 들어왔습니다", "kim, Bob and Mike joined"],
  [["a", "b", "손님1"], 3, "a, b, 손님1이 들어왔습니다", "a, b and 손님1 joined"],
  [["kim", "lee", "jo", "woo"], 4, "kim, lee 외 2명이 들어왔습니다", "kim, lee and 2 others joined"],
  [Array.from({ length: 50 }, (_, i) => `n${i}`), 1234, "n0, n1 외 1232명이 들어왔습니다", "n0, n1 and 1232 others joined"],
];

told("page: a notice of several names the first of them, with the particle that fits the last word", (t) => {
  t.after(() => setLanguage("en"));
  const notice = (kind, reason, names, count) => noticeText({
    content: "as sent", notice: { kind, reason, chatters: names.map((nickname) => ({ nickname })), count },
  });
  for (const [names, count, korean, english] of MANY) {
    setLanguage("ko");
    assert.equal(notice("joined", null, names, count), korean);
    setLanguage("en");
    assert.equal(notice("joined", null, names, count), english);
  }
  const two = ["지훈", "민수"];
  setLanguage("ko");
  assert.equal(notice("left", "left", two, 2), "지훈, 민수가 나갔습니다");
  assert.equal(notice("left", "timeout", two, 2), "지훈, 민수는 연결이 끊겨 나갔습니다");
  assert.equal(notice("left", "removed", two, 2), "지훈, 민수를 내보냈습니다");
  assert.equal(notice("left", "removed", [...two, "a", "b"], 9), "지훈, 민수 외 7명을 내보냈습니다");
  assert.equal(notice("left", "room_closed", two, 2), "방이 닫혀 지훈, 민수가 나갔습니다");
  setLanguage("en");
  assert.equal(notice("left", "removed", two, 2), "지훈 and 민수 were removed");
  assert.equal(notice("left", "removed", two.slice(0, 1), 1), "지훈 was removed");
  assert.equal(notice("left", "room_closed", two, 2), "지훈 and 민수 left because the room closed");
  assert.equal(notice("joined", null, [], 2), "as sent", "nobody is named");
});

told("page: while the page itself keeps trying, it asks nobody to try again", (t) => {
  t.after(() => setLanguage("en"));
  for (const [language, table, again] of [["en", en, /try again|join again/i], ["ko", ko, /다시 시도해|다시 들어와/]]) {
    setLanguage(language);
    for (const code of ["offline", "unreachable", "timeout", "not_parlor", "too_many_streams", "busy", "stopping", "internal", "too_fast", "new"]) {
      const words = reconnectingText({ code });
      assert.ok(words.endsWith(table.keepsTrying) && !words.startsWith("undefined"), words);
      assert.doesNotMatch(words, again, code);
    }
  }
});

told("page: a full room does not ask visitors back who were never in it", () => {
  assert.match(ko.roomIsFull(2), /나가면 다시 시도할 수 있습니다/);
  assert.equal(ko.roomFull, "가득 참");
});
