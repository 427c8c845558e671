/*
 * The routes of the API as the tests know them, and what each can be refused
 * with.  WHO: anyone, token, service (a key), member (of the room), self (that
 * chatter), mover (that chatter, the owner or a moderator), moderator (owners
 * too), owner (of the room).
 */
const ROOM = "/rooms/{room}";
const CHATTERS = `${ROOM}/chatters`;
const CHATTER = `${CHATTERS}/{chatter}`;
const MESSAGES = `${ROOM}/messages`;
const INBOX = "/me/notifications";

export const ROUTES = [
  { method: "POST", path: "/rooms", who: "anyone", body: { title: "T" }, limit: 4096 },
  { method: "GET", path: "/rooms", who: "anyone" },
  { method: "GET", path: ROOM, who: "anyone" },
  { method: "PATCH", path: ROOM, who: "owner", body: { title: "T" }, limit: 4096 },
  { method: "DELETE", path: ROOM, who: "owner" },
  { method: "POST", path: CHATTERS, who: "anyone", body: { nickname: "new" }, limit: 4096, expires: true },
  { method: "GET", path: CHATTERS, who: "member" },
  { method: "GET", path: CHATTER, who: "member" },
  { method: "PATCH", path: CHATTER, who: "self", body: { nickname: "new" }, limit: 1024, expires: true },
  { method: "DELETE", path: CHATTER, who: "mover" },
  { method: "GET", path: `${ROOM}/bans`, who: "moderator" },
  { method: "DELETE", path: `${ROOM}/bans/{chatter}`, who: "moderator" },
  { method: "POST", path: `${CHATTERS}/announce`, who: "member", expires: true },
  { method: "POST", path: MESSAGES, who: "member", body: { content: "c" }, limit: 16384, expires: true },
  { method: "POST", path: `${ROOM}/text`, who: "member", text: "t", limit: 16384, expires: true },
  { method: "GET", path: MESSAGES, who: "member" },
  { method: "GET", path: `${MESSAGES}/{message}`, who: "member" },
  { method: "PATCH", path: `${MESSAGES}/{message}`, who: "self", body: { content: "c" }, limit: 16384, expires: true },
  { method: "DELETE", path: `${MESSAGES}/{message}`, who: "self" },
  { method: "PUT", path: `${ROOM}/read`, who: "member", body: { message: 1 }, limit: 256 },
  { method: "GET", path: "/me/rooms", who: "token" },
  { method: "GET", path: "/me", who: "token" },
  { method: "GET", path: INBOX, who: "token" },
  { method: "GET", path: `${INBOX}/unread_count`, who: "token" },
  { method: "POST", path: `${INBOX}/read_all`, who: "token", body: {}, limit: 1024 },
  { method: "PATCH", path: `${INBOX}/{notification}`, who: "token", body: { read: true }, limit: 1024 },
  { method: "DELETE", path: `${INBOX}/{notification}`, who: "token" },
  { method: "POST", path: `${CHATTER}/notifications`, who: "member", body: { type: "like", text: "t" }, limit: 16384, expires: true },
  { method: "DELETE", path: `${CHATTER}/notifications`, who: "member", query: "?type=like&target_kind=post&target_id=1" },
  { method: "POST", path: "/users/{user}/notifications", who: "service", body: { type: "like", text: "t" }, limit: 16384 },
  { method: "DELETE", path: "/users/{user}/notifications", who: "service", query: "?type=like&target_kind=post&target_id=1" },
  { method: "DELETE", path: "/me", who: "token" },
  { method: "POST", path: "/session", who: "token", body: { remember: true }, limit: 1024 },
  { method: "DELETE", path: "/session", who: "anyone" },
  { method: "DELETE", path: "/me/connections/{conn}", who: "token" },
  { method: "POST", path: "/tickets", who: "token" },
  { method: "GET", path: "/events", who: "token" },
  { method: "GET", path: "/health", who: "anyone" },
  { method: "GET", path: "/openapi.json", who: "anyone" },
];

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

export function fill(path, values) {
  return path.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/* Whether a target of PATH is one of ROUTE as well: announce could be a chatter's id. */
function fits(route, path) {
  const form = route.path.replace("{notification}", "(\\d+|[{]notification[}])").replace(/\{\w+\}/g, "[^/]+");
  return new RegExp(`^${form}$`).test(path);
}

/* Every method that a path does not support. */
export function wrongMethods() {
  const paths = [...new Set(ROUTES.map(({ path }) => path))];
  return paths.flatMap((path) => {
    const has = ROUTES.filter((route) => fits(route, path)).map(({ method }) => method);
    return METHODS.filter((method) => !has.includes(method)).map((method) => ({ method, path, has }));
  });
}

const BAD_JSON = {
  "no JSON": "{", "no object": "[]", "a text": '"x"', "a number": "1", "nothing but space": " ",
  "a name twice": '{"title":"a","title":"b","nickname":"a","nickname":"b","content":"a","content":"b"}',
  "too deep": `{"a":${"[".repeat(9)}${"]".repeat(9)}}`, "more behind it": "{} {}", "a comment": "{/**/}",
  "a NUL": '{"a":"\\u0000"}', "not UTF-8": Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
  "an overlong form": Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]),
  "half a surrogate": '{"a":"\\ud800"}', "a raw control byte": '{"a":"\u0001"}', "NaN": '{"a":NaN}',
  "two byte order marks": "\ufeff\ufeff{}",
};

const NO_TEXTS = ["", 7, null, true, [], {}];

const DEEP = { a: { b: { c: { d: { e: { f: {} } } } } } };
const NOTICE = { type: "like", text: "t" };
const BAD_NOTICES = [
  ...["", "Like", "a b", "x".repeat(41), "é", 7, null].map((type) => ({ text: "t", type })),
  ...[...NO_TEXTS, "x".repeat(501), "a\u0001b", "a\u007fb"].map((text) => ({ type: "like", text })),
  ...["post", 7, [], true].map((target) => ({ ...NOTICE, target })),
  ...[...NO_TEXTS, "x".repeat(256), "a\nb"].map((parent_id) => ({ ...NOTICE, parent_id })),
  ...["x", 7, [], true, { x: "x".repeat(4089) }].map((payload) => ({ ...NOTICE, payload })),
];

/* Fields that are refused, by route: [what, body, the field named]. */
const BAD_FIELDS = {
  "POST /rooms": [
    ...NO_TEXTS.map((title) => ({ title })),
    ...["x".repeat(101), "a\u0007b", "a\u202eb"].map((title) => ({ title })),
    ...[0, -1, 100_001, 1.5, "9", null, true, 1e300].map((capacity) => ({ capacity })),
    ...[-1, 600_001, 0.5, "9", null].map((grace_ms) => ({ grace_ms })),
    ...["", "x", 7, "2001-01-01T00:00:00.000Z", "2030-13-01T00:00:00.000Z"].map((expires_at) => ({ expires_at })),
    ...[0, "true", null].map((listed) => ({ listed })),
    ...["", "x".repeat(129), "한".repeat(43), 7, true, []].map((password) => ({ password })),
    ...["", "none", "ALL", 0, null].map((notices) => ({ notices })),
    ...[-1, 3_600_001, 0.5, "9", null].map((slow_ms) => ({ slow_ms })),
    ...["ab", "-abc", "abc-", "ABC", "a b", "a_b", "é12", "x".repeat(41), 7, null, ""].map((id) => ({ id })),
  ],
  [`PATCH ${ROOM}`]: [
    ...NO_TEXTS.map((title) => ({ title })), { capacity: 0 }, { grace_ms: -1 }, { listed: 1 },
    { expires_at: "2001-01-01T00:00:00.000Z" }, { id: "other" }, { namespace: "other" },
    { password: "" }, { notices: "some" }, { slow_ms: 3_600_001 }, { expired: false }, { has_password: true },
  ],
  [`POST ${CHATTERS}`]: [
    ...[...NO_TEXTS, " \u3000", "\u2800", "a\u200bb", "x".repeat(33)].map((nickname) => ({ nickname })),
    ...[...NO_TEXTS, "x".repeat(129)].map((password) => ({ password })), { role: "owner" },
  ],
  [`PATCH ${CHATTER}`]: [
    ...[...NO_TEXTS, " \u3000", "\u2800", "a\u200bb", "x".repeat(33)].map((nickname) => ({ nickname })),
    ...[...NO_TEXTS, "owner", "admin"].map((role) => ({ role })), { password: "x" },
  ],
  [`POST ${MESSAGES}`]: [
    ...[...NO_TEXTS, "x".repeat(4001), "a\u0001b", "a\u007fb", "a\fb", "\u3164"].map((content) => ({ content })),
    ...["", "x".repeat(65), "a b", "é", "a/b", 7, {}].map((client_id) => ({ content: "c", client_id })),
    ...["", "notice", "MESSAGE", 7, null].map((type) => ({ content: "c", type })),
  ],
  [`PATCH ${INBOX}/{notification}`]: [false, 1, "true", null].map((read) => ({ read })),
  [`POST ${INBOX}/read_all`]: ["", "now", 17, null].map((upto) => ({ upto })),
  "POST /users/{user}/notifications": [
    ...BAD_NOTICES, ...[...NO_TEXTS, "x".repeat(256), "a\u007fb"].map((actor) => ({ ...NOTICE, actor })),
  ],
  [`POST ${CHATTER}/notifications`]: [
    ...BAD_NOTICES, { type: "like", text: "t", actor: "me" }, { type: "like", text: "t", read_at: null },
  ],
  [`PATCH ${MESSAGES}/{message}`]: [...NO_TEXTS, "x".repeat(4001), "a\u0001b"].map((content) => ({ content })),
  [`PUT ${ROOM}/read`]: ["", "9", -1, 1.5, null, true, [], {}].map((message) => ({ message })),
};

const WRONG_TOKENS = ["A".repeat(43), "x", "A".repeat(5000)];

function unauthorized(route) {
  const wrong = WRONG_TOKENS.map((token) => ({ why: "a wrong token", token, status: 401, code: "token_invalid" }));
  if (route.who === "anyone") return wrong;
  return [{ why: "no token", as: "nobody", status: 401, code: "token_required" }, ...wrong];
}

function strangers(route) {
  const outside = { why: "not in the room", as: "stranger", status: 403, code: "not_in_room" };
  const wrong = { why: "not one's own", as: "other", status: 403, code: "forbidden" };
  const low = { why: "no moderator", as: "other", status: 403, code: "forbidden" };
  return {
    service: [{ ...wrong, why: "no service key", as: "member" }, { ...wrong, why: "a key of other scopes", as: "porter" }],
    moderator: [low, { ...low, as: "stranger" }],
    member: [outside], mover: [outside, wrong], self: [outside, wrong],
    owner: [{ why: "not the owner", as: "other", status: 403, code: "forbidden" },
      { why: "not in the room", as: "stranger", status: 403, code: "forbidden" }],
  }[route.who] ?? [];
}

function missing(route) {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const strange = { room: ["no-such-room", "ab"], chatter: ["a".repeat(16), "x"], message: ["999999", "0", "x", "-1", "1x"],
    user: ["a".repeat(16), "x", "sub", "x".repeat(259), "x".repeat(260), "sub:%ff"],
    notification: ["999999", "0", "x", "-1", "1x", "9".repeat(19)], conn: ["x".repeat(65), "a%20b"] };
  const unknown = names.flatMap((name) => strange[name].map((value) => (
    { why: `no such ${name}: ${value}`, values: { [name]: value }, status: 404, code: "not_found" })));
  return [...unknown, { why: "a slash behind it", suffix: "/", status: 404, code: "not_found" }];
}

/* A body that is text; tests/e2e/text.test.mjs has the fields. */
function texts({ limit }) {
  return [
    { why: "a body of several", type: "multipart/form-data; boundary=x", status: 415, code: "unsupported_media_type" },
    { why: "too long a body", body: "x".repeat(limit + 1), status: 413, code: "body_too_large" },
    { why: "no text", body: "", status: 422, code: "invalid_fields", field: "content" },
    { why: "not UTF-8", body: Buffer.from([0xff]), status: 422, code: "invalid_fields", field: "content" },
  ];
}

function bodies(route) {
  if (route.text) return texts(route);
  if (!route.body) return [];
  const bad = Object.entries(BAD_JSON).map(([what, body]) => (
    { why: `body: ${what}`, body, status: 400, code: "malformed_json" }));
  const types = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx",
    "application/json; charset=latin1"];
  return [
    ...bad,
    ...types.map((type) => ({ why: `a body of ${type}`, type, status: 415, code: "unsupported_media_type" })),
    { why: "too long a body", body: JSON.stringify({ content: "x".repeat(route.limit) }), status: 413, code: "body_too_large" },
    { why: "an unknown field", body: { ...route.body, color: "red" }, status: 422, code: "invalid_fields", field: "color" },
    ...(BAD_FIELDS[`${route.method} ${route.path}`] ?? []).map((body) => (
      { why: JSON.stringify(body).slice(0, 60), body, status: 422, code: "invalid_fields", field: Object.keys(body).at(-1) })),
  ];
}

function gone(route) {
  if (!route.expires) return [];
  return [{ why: "the room has expired", expired: true, status: 410, code: "room_expired" }];
}

/* All refusals of a route; AS is the person who asks, if it is the wrong one. */
export function refusals(route) {
  return [unauthorized, strangers, missing, bodies, gone].flatMap((list) => list(route));
}
