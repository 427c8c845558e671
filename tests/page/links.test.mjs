/* The links in a text are exactly what a careful reader would underline. */
import assert from "node:assert/strict";
import { TLDS } from "../../www/tlds.js";
import { splitAtUrls } from "../../www/urls.js";
import { told } from "./lib.mjs";

/* Each text with its links in ⟦ ⟧; nothing else in it is one. */
const TEXTS = [
  /* English */
  "see ⟦https://example.org/a⟧.", "(⟦https://example.org/wiki/A_(b)⟧)", "⟦HTTPS://EXAMPLE.org⟧", "⟦https://example.com/a⟧, then ⟦http://b.example⟧!",
  "“⟦https://example.org/?q=1&r=2#x⟧”, and ⟦http://a.example⟧!", "'⟦https://example.com/a⟧' is quoted", "**⟦https://example.com/a⟧** is bold",
  "<⟦https://example.com/a⟧>", "[here](⟦https://example.com/a⟧)", "`⟦https://example.com/a⟧`", "~~⟦https://example.com/a⟧~~",
  "⟦https://en.wikipedia.org/wiki/Rust_(programming_language)⟧ is balanced", "look (at ⟦https://example.com/a_(b)_(c)⟧)",
  "⟦https://example.com/a⟧(and more of it)…".replace("⟧(and", "⟧ (and"), "⟦https://example.com/a⟧(see below", "⟦https://example.com/a?b[]=1⟧]",
  "have you seen ⟦https://example.com⟧?", "⟦https://example.com/a/⟧ and ⟦https://example.com/?⟧".replace("/?⟧", "/⟧?"), "⟦https://a.example/x⟧,⟦https://b.example/y⟧",
  "⟦https://web.archive.org/web/2020/https://example.com/⟧", "⟦http://127.0.0.1:8080/?room=ops⟧…", "⟦http://[::1]:8080/x⟧", "⟦http://localhost:8080⟧", "⟦https://example.com:443⟧: yes",
  "⟦www.example.com/a⟧ and (⟦www.example.org⟧).", "⟦https://my_host.example.com/x⟧", "⟦https://xn--e1afmkfd.xn--p1ai/x⟧", "⟦https://example.com/#a-b⟧;", "⟦https://example.com/~kim/⟧",
  "<a href=\"⟦https://example.org/⟧\"onclick=x>", "http://⟦http://example.com⟧", "⟦https://example.com/a⟧|b", "⟦https://example.org/⟧\u202egpj.exe", "⟦https://example.org/⟧\u200bx",
  "⟦https://example.com⟧😀 ⟦https://example.com/a⟧👍🏽", "⟦https://example.com/a⟧…more", "⟦https://example.com/it's⟧ 'x", "⟦https://example.com/?q='x'⟧", "⟦https://example.com/?q='x'⟧.", "('⟦https://example.com/?q=⟧'x'')", "⟦https://example.com/it's⟧'", "*⟦https://e.com/a/⟧**bold**",
  "_⟦https://example.com/a_b⟧_", "__⟦https://example.com/a⟧__ and _⟦www.example.com⟧_", "⟦https://example.com⟧,example.org", "⟦http://localhost⟧, see", "⟦https://example.com⟧❤ 1.5", "line\n⟦https://example.com/a⟧\nline",
  /* Korean */
  "⟦https://example.com⟧을 보자", "⟦https://example.com⟧에서 보자", "링크:⟦https://example.com/가나다⟧?", "링크(⟦https://example.com/a⟧)를", "(⟦https://example.com/a⟧)입니다", "「⟦https://example.com/a⟧」라고",
  "⟦https://한글.example/⟧", "⟦https://예시.한국⟧에서", "⟦https://예시.한국/길⟧ 참고", "⟦https://example.com/a⟧를 보세요", "⟦https://example.com/⟧에서", "⟦https://namu.wiki/w/C언어⟧ 참고", "⟦https://ko.wikipedia.org/wiki/서울⟧",
  "‘⟦https://example.com/a⟧’입니다", "⟦https://ko.wikipedia.org/wiki/A_(b)⟧를", "⟦http://localhost⟧에서", "⟦https://example.com⟧에서: 여기", "링크⟦https://example.com/a?b=1⟧이", "⟦https://example.com/a⟧인데", "⟦https://example.com/a⟧이고", "⟦https://example.com/a1⟧랑", "⟦https://example.com/a⟧에서만", "⟦https://example.com/a⟧이니까", "⟦https://example.com/a⟧네요",
  /* Japanese */
  "（⟦https://example.com/a⟧）をご覧", "⟦https://example.com/a⟧。これは説明", "⟦https://example.com⟧。これは", "⟦https://example.com⟧です", "⟦https://example.com/a⟧を見て", "⟦https://ja.wikipedia.org/wiki/東京（曖昧さ回避）⟧",
  "『⟦https://例え.jp/⟧』、", "⟦https://example.com/a⟧、⟦https://example.com/b⟧！", "⟦https://ja.wikipedia.org/wiki/Tシャツ⟧", "⟦https://example.com/a⟧（説明）を",
  /* Chinese */
  "请看⟦https://example.com/a⟧，谢谢", "《⟦https://example.com/a⟧》", "⟦https://例子.中国⟧的", "⟦https://例子.中国/路径⟧；", "⟦https://zh.wikipedia.org/wiki/A股⟧", "⟦https://example.com⟧这个", "【⟦https://example.com/a⟧】见",
  /* Russian */
  "⟦https://shop.пример.рф/x⟧", "⟦https://пример.рф/x⟧", "см. «⟦https://пример.рф⟧»,", "⟦https://ru.wikipedia.org/wiki/Москва_(река)⟧.", "(⟦https://пример.рф/путь⟧)", "https://пример.рфда", "⟦https://ПРИМЕР.РФ/⟧",
  /* Arabic, Persian, Urdu */
  "⟦https://مثال.السعودية/صفحة⟧، شكرا", "⟦https://example.com/a⟧؟", "(⟦https://example.com/a⟧)؛", "⟦https://fa.wikipedia.org/wiki/می\u200cنا⟧ ببین", "⟦https://example.com/a⟧۔", "\u202e⟦https://example.com/a⟧",
  /* Hindi, Thai */
  "⟦https://उदाहरण.भारत/⟧।", "देखिए ⟦https://example.com/a⟧। और", "⟦https://hi.wikipedia.org/wiki/क्\u200dष⟧", "⟦https://example.com⟧ครับ", "⟦https://example.com/a⟧ครับ",
  /* German, French, Greek, Hebrew */
  "„⟦https://example.com/a⟧“, sagte er", "»⟦https://müller.de/straße⟧«", "« ⟦https://example.com/é⟧ »", "⟦https://παράδειγμα.ελ/⟧·", "⟦https://example.com/a–b⟧ – ja", "⟦https://example.com/a⟧—und", "⟦https://he.wikipedia.org/wiki/ירושלים⟧.",
  /* Not links. */
  "javascript:alert(1)", "data:text/html,x", "ftp://example.org", "//example.org", "example.org", "пример.рф", "https://", "https://?", "http:///x", "www.", "www.example", "www.example.notatop", "mail kim@example.com", "kim@www.example.com",
  "https://bank.example@evil.example/", "https://google.com@evil.com", "https://user:secret@evil.example", "https://google.com:443@evil.com/", "https://google.com\\@evil.com", "https://google.com%2eevil.com", "https://google.com&x.evil.com/", "http://[::1]@evil.com",
  "http://a.example:99999/", "http://a.example:80a/", "http://0x7f.1/", "http://2130706433/", "http://127.1/", "http://256.1.1.1/", "http://[0:0::1]/", "http://[::g]/",
  "https://exam\u200bple.com/", "https://exam\u00adple.com/", "https://exam\u034fple.com/", "https://exam\u3164ple.com/", "https://ｅxample.com/", "https://example..com/", "https://.example.com", "https://пример。рф/x", "https://google。com/",
  "https://example.comа/login", "https://paypal.соm/", "https://my예약", "https://example.com에/x", "https://example.com에:80", "https://例え.テスト", "https://i❤.ws/", "https://ca·t.example/", "https://my~host.example.com/x", "https://paypal.com❤.evil.example/x", "https://google.com×evil.example", "https://a😀b.example", "http://example.com을%41", "https://example.com은=1", "xhttps://example.com", "git+https://example.com/x",
];

const split = (marked) => marked.split(/[⟦⟧]/);

told("C2 C3 page: a link is what a careful reader would underline, in eight languages and more", () => {
  assert.ok(TEXTS.length > 140);
  for (const marked of TEXTS) {
    const text = marked.replace(/[⟦⟧]/g, "");
    const found = splitAtUrls(text);
    const again = found.map((part) => (part.href ? `⟦${part.text}⟧` : part.text)).join("");
    assert.equal(again, marked);
    assert.equal(split(again).join(""), text);
  }
});

told("C2 page: a link goes to the host that it shows, whatever it is", () => {
  const links = TEXTS.flatMap((marked) => splitAtUrls(marked.replace(/[⟦⟧]/g, "")).filter(({ href }) => href));
  assert.ok(links.length > 90);
  for (const { text, href } of links) {
    const { protocol, username, password, host } = new URL(href);
    const shown = text.replace(/^https?:\/\//i, "").split(/[/?#]/)[0];
    assert.match(protocol, /^https?:$/);
    assert.equal(username + password, "", text);
    assert.equal(host, new URL(`${protocol}//${shown}`).host, text);
    if (/^[\x20-\x7e]*$/.test(shown)) assert.equal(host, shown.toLowerCase().replace(/:443$/, ""), text);
  }
});

told("C2 page: IANA's list of top-level domains, with its international names, tells hosts from prose", () => {
  assert.ok(TLDS.size > 1400);
  for (const name of ["com", "kr", "рф", "한국", "中国", "みんな", "السعودية", "भारत", "ไทย", "ελ"]) assert.ok(TLDS.has(name), name);
  for (const name of TLDS) assert.equal(name, name.toLowerCase().normalize("NFC"));
  for (const name of [...TLDS].filter((one) => /[^a-z]/.test(one)))
    assert.deepEqual(splitAtUrls(`https://a.${name}/x`).map(({ text }) => text), [`https://a.${name}/x`]);
});

told("C1 page: of very many addresses in one text only the first hundred are links", () => {
  const text = "http://a.b ".repeat(360);
  const found = splitAtUrls(text);
  assert.equal(found.filter(({ href }) => href).length, 100);
  assert.equal(found.map((part) => part.text).join(""), text);
});

/* A text that counts how often it is read, and cannot be read in any other way. */
class Counted {
  #text;
  steps = 0;

  constructor(text) {
    this.#text = text;
  }

  get length() {
    return this.#text.length;
  }

  codePointAt(at) {
    this.steps += 1;
    return this.#text.codePointAt(at);
  }

  slice(from, to) {
    const part = this.#text.slice(from, to);
    this.steps += part.length + 1;
    return part;
  }

  toString() {
    throw new Error("read as a whole");
  }
}

const HOSTILE = [
  ["http://a/", ")"], ["http://a/", "("], ["http://a/", "()"], ["http://a/", "(]"], ["http://a/", "."], ["http://a/", "가"], ["http://a/", "（"], ["", "http://a/("],
  ["", "http://"], ["", "http://a"], ["", "http://a:99999/"], ["", "http://a:1/"], ["", "http://a/,"], ["", "http://a:"], ["", "http://가"], ["", "http://가.com가"], ["", "http://["], ["", "http://[::"],
  ["", "www."], ["", "가www."], ["", "가www.a:"], ["", "가www.a.com:"], ["", " www.a.com:"], ["", "가www.a.com@"], ["", "www.a.com。가"], ["", "h"], ["", "w"], ["", "https:/"],
  ["http://", "a"], ["http://", "a."], ["http://", "가."], ["http://a.", "가"], ["http://a", "-"], ["http://a", "."], ["http://a.com", "을"], ["http://a/", "\u200d"], ["http://a/", "\u0301"],
  ["http://a/가", "\u200c가"], ["", "http://a/가(를"], ["", "\ud800"], ["", "😀http://a.b/"], ["", "http://x@"], ["http://", "@"], ["", "'http://a/'"], ["http://a/", ",http:/"], ["http://a/", "_"],
  ["http://a/", "a을"], ["", "http://a。b"], ["", "http://a❤"], ["http://a", "❤"], ["", "http://a~"], ["http://a", "~b"], ["http://a/", "'"], ["http://a/", "'b"], ["http://a/", "'b'을"], ["www.a.com", "。com"], ["", "http://xn--a."], ["\n", "\n"], ["\u3000", "\u3000"],
];

told("C1 page: finding links takes steps in proportion to the text, whatever is written", () => {
  const steps = ([start, again], length) => {
    const counted = new Counted((start + again.repeat(Math.ceil(length / again.length))).slice(0, length));
    splitAtUrls(counted);
    return counted.steps / length;
  };
  for (const hostile of HOSTILE) {
    const [short, long] = [steps(hostile, 4_000), steps(hostile, 64_000)];
    assert.ok(long < 40, `${JSON.stringify(hostile)} takes ${long} steps a sign`);
    assert.ok(long < short * 1.2 + 1, `${JSON.stringify(hostile)} takes ${short}, then ${long} steps a sign`);
  }
});
