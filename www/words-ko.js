/*
 * words-ko: what the page says in Korean.
 *
 * A particle has two forms, chosen by the sound that the word before it ends
 * in.  Where a name's sound cannot be known from its letters, both are
 * written, as people do: 은(는).
 */

const HANGUL_FIRST = 0xac00;
const HANGUL_LAST = 0xd7a3;
const FINALS = 28;

/* 영 일 삼 육 칠 팔 end in a consonant; 이 사 오 구 do not. */
const DIGITS_CLOSED = "013678";

/* How a name in Latin letters ends when a Korean pronounces it. */
const LATIN_CLOSED = /([lmn]|.[lmn]e|ng|[aeiou](ck|tt|[bckpt]))$/i;
const LETTER_CLOSED = /^[lmnr]$/i;

const SOUNDS = /[\p{L}\p{N}]/u;
const SOUND_MAX = 4; /* the letters that decide how a name ends, and one more */

/**
 * The last letters of a name, or of the last of several names, without the
 * signs after them.  Names come from strangers: each letter is looked at once.
 *
 * @param {string} names
 */
function lastSound(names) {
  const name = names.slice(names.lastIndexOf(", ") + 1);
  const letters = [...name.normalize("NFC")];
  const end = letters.findLastIndex((letter) => SOUNDS.test(letter)) + 1;
  const before = letters.slice(Math.max(end - SOUND_MAX, 0), end);
  return before.slice(before.findLastIndex((letter) => !SOUNDS.test(letter)) + 1);
}

/**
 * Whether `name` ends in a consonant; null if that is unknown.
 *
 * @param {string} name
 */
export function endsClosed(name) {
  const letters = lastSound(name);
  if (letters.length === 0) return null;
  const sound = letters.join("");
  const last = letters[letters.length - 1];
  const code = last.codePointAt(0) ?? 0;
  if (code >= HANGUL_FIRST && code <= HANGUL_LAST) return (code - HANGUL_FIRST) % FINALS !== 0;
  if (/[ㄱ-ㅎ]/.test(last)) return true; /* their names do: 기역, 니은 */
  if (/[ㅏ-ㅣ]/.test(last)) return false;
  if (/[0-9]/.test(last)) return DIGITS_CLOSED.includes(last);
  if (/^[a-z]$/i.test(sound)) return LETTER_CLOSED.test(sound);
  return /[a-z]/i.test(last) ? LATIN_CLOSED.test(sound) : null;
}

/**
 * `name` with the particle that fits.
 *
 * @param {string} name
 * @param {string} closed the form after a consonant
 * @param {string} open the form after a vowel
 */
export function withParticle(name, closed, open) {
  const ends = endsClosed(name);
  if (ends === null) return `${name}${closed}(${open})`;
  return name + (ends ? closed : open);
}

/** @param {string} name */
const topic = (name) => withParticle(name, "은", "는");
/** @param {string} name */
const subject = (name) => withParticle(name, "이", "가");
/** @param {string} name */
const object = (name) => withParticle(name, "을", "를");

/** @param {string[]} names @param {number} others */
const crowd = (names, others) => names.join(", ") + (others > 0 ? ` 외 ${others}명` : "");

/** @type {import("./words.js").Texts} */
export default {
  languageName: "한국어",
  languages: "언어",
  skipToRooms: "방 목록으로 건너뛰기",
  skipToText: "메시지 쓰기로 건너뛰기",
  skipToMessages: "메시지로 건너뛰기",

  startTitle: "어디에서 이야기할까요?",
  startLead: "방을 고르고 이름만 정하면 바로 시작할 수 있습니다. 가입은 필요 없습니다.",
  roomsHeading: "열려 있는 방",
  roomsLoading: "방을 찾고 있습니다…",
  roomsEmpty: "아직 열려 있는 방이 없습니다. 첫 방을 만들어 보세요.",
  roomsMore: "방 더 보기",
  roomFull: "가득 참",
  roomCloses: (when) => `${when} 닫힘`,
  roomSeats: (online, capacity) => (online === 0 ? "아직 아무도 없음" : `${capacity}명 중 ${online}명 있음`),
  createHeading: "방 만들기",
  createLead: "바로 열리고, 링크로 다른 사람을 부를 수 있습니다.",
  createLabel: "무엇에 대한 방인가요?",
  createPlaceholder: "일요일 축구",
  createEmpty: "방 제목을 적어 주세요.",
  create: "만들고 들어가기",

  myRoomsHeading: "내 방",
  lastMessage: (who, text) => `${who}: ${text}`,
  noMessages: "아직 오간 말이 없습니다",
  messageDeleted: "지워진 메시지",
  messageBroken: "표시할 수 없는 메시지입니다",
  unreadCount: (n) => `읽지 않은 메시지 ${n}개`,
  roomClosedTag: "닫힘",
  bell: (n) => (n === 0 ? "알림" : `알림, 읽지 않은 것 ${n}개`),
  inboxHeading: "알림",
  inboxEmpty: "아직 알림이 없습니다. 좋아요와 초대가 여기에 모입니다.",
  inboxMore: "이전 알림 보기",
  readAll: "모두 읽음으로",
  unread: "읽지 않음",
  deleteNotification: (what) => `지우기: ${what}`,
  remember: "이 기기에서 나를 기억하기",
  rememberHint: "그러지 않으면 다음에는 새로운 사람으로 옵니다.",
  forgetMe: "나를 잊기",
  forgetHeading: "모든 곳에서 잊을까요?",
  forgetAbout: "모든 방에서 나가고 알림이 지워집니다. 남긴 말은 그대로 있습니다. 되돌릴 수 없습니다.",
  like: "좋아요",
  writePrivately: (who) => `${who}에게 따로 말하기`,
  privateTitle: (me, other) => `${me} & ${other}`,
  notifications: {
    like: (who, others, what) => `${subject(crowd([who], others))} 내 메시지를 좋아합니다${what && `: ${what}`}`,
    invitation: (who) => `${subject(who)} 둘이서 이야기하자고 합니다`,
  },

  aRoom: "채팅방",
  nicknameLabel: "이 방에서 쓸 이름",
  nicknameHint: "비워 두면 이름을 지어 드립니다.",
  join: "들어가기",
  otherRooms: "다른 방 보기",
  hereNow: (n) => (n === 0 ? "아직 아무도 없습니다" : `${n}명이 있습니다`),
  roomIsFull: (n) => `방이 가득 찼습니다(${n}명). 누군가 나가면 다시 시도할 수 있습니다.`,

  toRooms: "모든 방",
  copyLink: "링크 복사",
  linkCopied: "복사했습니다",
  linkNotCopied: (link) => `링크를 복사하지 못했습니다. 주소는 ${link}`,
  messages: "메시지",
  older: "이전 메시지 보기",
  beginning: "대화가 시작된 곳입니다",
  beginningHint: "인사를 건네거나, 링크를 복사해 다른 사람을 불러 보세요.",
  newMessages: "새 메시지",
  jump: (n) => (n === 0 ? "맨 아래로" : `새 메시지 ${n}개`),
  textLabel: "메시지",
  textPlaceholder: "메시지를 입력하세요",
  textHint: "Enter로 보내기, Shift+Enter로 줄 바꾸기",
  textHintTouch: "Enter로 줄 바꾸기, 버튼으로 보내기",
  textTooLong: (n) => `${n}자 넘었습니다. 줄여서 보내 주세요.`,
  send: "보내기",
  sending: "보내는 중…",
  notSent: (why) => `보내지 못했습니다. ${why}`,
  retry: "다시 보내기",
  rewrite: "고쳐 쓰기",
  discard: "지우기",
  tryAgain: "다시 시도",
  tryNow: "지금 시도",
  roomClosed: "이 방은 닫혔습니다. 지난 대화는 읽을 수 있지만 더 쓸 수는 없습니다.",

  peopleHeading: "지금 있는 사람",
  peopleToggle: (n) => `지금 있는 사람 ${n}`,
  peopleMore: (n) => `외 ${n}명`,
  close: "닫기",
  you: "나",
  roles: { owner: "방장", moderator: "관리자" },
  youAre: "내 이름",
  rename: "이름 바꾸기",
  renameHeading: "이름 바꾸기",
  renameLabel: "새 이름",
  renamed: (was, now) => `${subject(was)} 이름을 ‘${now}’(으)로 바꾸었습니다`,
  cancel: "취소",
  save: "저장",
  leave: "나가기",
  leftUntold: "방에서 나왔지만 서버에 알리지 못했습니다. 서버가 알아차리면 다른 사람에게도 보입니다.",

  moreOptions: "더 많은 설정",
  capacityLabel: "정원",
  expiryLabel: "닫히는 때",
  expiresNever: "닫히지 않음",
  expiresIn: (length) => `${length} 뒤`,
  expiryKept: (when) => `그대로: ${when}`,
  passwordLabel: "비밀번호",
  passwordKept: "비워 두면 그대로 둡니다",
  passwordHint: "이 방을 알려 준 사람에게 물어보세요.",
  unlock: "비밀번호 없애기",
  noticesLabel: "들어오고 나간 사람",
  noticesAll: "항상 알리기",
  noticesQuiet: "내보낼 때만 알리기",
  noticesOff: "알리지 않기",
  slowLabel: "천천히 말하기",
  slowOff: "끄기",
  slowOn: (length) => `${length}에 한 번만 말하기`,
  slowWait: (length) => `천천히 말하는 방입니다. ${length} 뒤에 다시 쓸 수 있습니다.`,
  slowHeld: "아직 보내지 않았습니다. 쓴 글은 그대로 있습니다.",
  listedLabel: "방 목록에 보이기",
  listedHint: "목록에 보이지 않아도 링크를 아는 사람은 누구나 방 제목과 인원을 보고 들어올 수 있습니다. 막으려면 비밀번호를 정하세요.",

  settings: "방 설정",
  settingsSaved: "방을 바꾸었습니다",
  titleLabel: "제목",
  reopen: "다시 열기",
  deleteRoomButton: "이 방 없애기",
  deleteRoom: {
    heading: "이 방을 없앨까요?",
    about: "모두 나가게 되고 오간 말이 다 지워집니다. 되돌릴 수 없습니다.",
    yes: "없애기",
  },
  roomDeleted: "방을 없앴습니다.",
  bansHeading: "차단한 사람",
  bansNone: "차단한 사람이 없습니다.",
  bannedPermanently: "계속",
  bannedUntil: (when) => `${when} 풀림`,
  liftBan: "차단 풀기",
  liftBanOf: (who) => `차단 풀기: ${who}`,
  banLifted: (who) => `${subject(who)} 다시 들어올 수 있습니다`,

  menu: "할 수 있는 일",
  personMenu: (who) => `${who} 더 보기`,
  messageMenu: "더 보기",
  theirRole: {
    member: (who) => `${topic(who)} 이제 관리자가 아닙니다`,
    moderator: (who) => `${subject(who)} 관리자가 되었습니다`,
    owner: (who) => `${subject(who)} 방장이 되었습니다`,
  },
  yourRole: {
    member: "이제 관리자가 아닙니다",
    moderator: "관리자가 되었습니다",
    owner: "방장이 되었습니다",
  },
  moderation: {
    promote: {
      choice: "관리자로 정하기",
      heading: (who) => `${object(who)} 관리자로 정할까요?`,
      about: "관리자는 사람을 내보내고, 메시지를 지우고, 공지를 보낼 수 있습니다.",
    },
    demote: {
      choice: "관리자에서 빼기",
      heading: (who) => `${object(who)} 관리자에서 뺄까요?`,
      about: "방에는 그대로 남습니다.",
    },
    remove: {
      choice: "내보내기",
      heading: (who) => `${object(who)} 내보낼까요?`,
      about: "나가게 되지만 다시 들어올 수 있습니다.",
    },
    banAWhile: {
      choice: "10분 동안 차단",
      heading: (who) => `${object(who)} 10분 동안 차단할까요?`,
      about: "나가게 되고 그때까지 들어올 수 없습니다.",
    },
    ban: {
      choice: "계속 차단",
      heading: (who) => `${object(who)} 계속 차단할까요?`,
      about: "나가게 되고 차단을 풀 때까지 들어올 수 없습니다.",
    },
  },
  edit: "고치기",
  edited: "고침",
  editLabel: "고친 메시지",
  editEmpty: "내용을 쓰거나 메시지를 지워 주세요.",
  editSaved: "메시지를 고쳤습니다",
  delete: "지우기",
  deleteMessage: {
    heading: "이 메시지를 지울까요?",
    about: "모두에게서 사라집니다. 되돌릴 수 없습니다.",
    yes: "지우기",
  },
  announcement: "공지",
  stranger: "방 밖에서 보냄",
  asAlert: "공지로 보내기",
  alertPlaceholder: "공지를 입력하세요",

  crowd,
  notices: {
    joined: (who) => `${subject(who)} 들어왔습니다`,
    left: (who) => `${subject(who)} 나갔습니다`,
    timeout: (who) => `${topic(who)} 연결이 끊겨 나갔습니다`,
    removed: (who) => `${object(who)} 내보냈습니다`,
    room_closed: (who) => `방이 닫혀 ${subject(who)} 나갔습니다`,
  },
  states: {
    connecting: "연결하는 중…",
    open: "연결됨",
    reconnecting: "다시 연결하는 중…",
    closed: "연결되지 않음",
  },
  crowded: "다른 탭이 실시간 연결을 쓰고 있어, 이 탭은 몇 초마다 새 소식을 확인합니다.",
  keepsTrying: "계속 다시 시도합니다.",
  waits: {
    unreachable: "서버에 닿을 수 없습니다. 연결을 확인해 주세요.",
    timeout: "서버가 제때 답하지 않았습니다.",
    too_many_streams: "채팅 창이 너무 많이 열려 있습니다. 몇 개를 닫아 주세요.",
    busy: "서버가 바쁩니다.",
    read_only: "지금은 서버에 저장할 수 없습니다.",
    not_set_up: "채팅이 아직 설정되지 않았습니다.",
    storage_full: "서버에 남은 공간이 없습니다.",
    stopping: "서버가 다시 시작하고 있습니다.",
    internal: "서버에서 오류가 났습니다. 계속되면 사이트 운영자에게 알려 주세요.",
    too_fast: "너무 빨랐습니다.",
    other: "문제가 생겼습니다.",
  },
  ends: {
    left: "다른 창에서 이 방을 나갔습니다.",
    removed: "이 방에서 내보내졌습니다. 다시 들어올 수 있습니다.",
    room_gone: "이 방은 더 이상 없습니다.",
    room_expired: "이 방은 기한이 끝났습니다.",
    replaced: "이 방문은 다른 창에서 이어지고 있습니다.",
    other: "연결이 닫혔습니다. 다시 들어와 주세요.",
  },
  fields: {
    nickname: "쓸 수 없는 이름입니다. 보이는 글자 1~32자로, 앞뒤 공백이나 이어진 공백 없이 적어 주세요.",
    title: "쓸 수 없는 제목입니다. 보이는 글자 1~100자로 적어 주세요.",
    content: "보낼 수 없는 글입니다. 메시지는 1~4,000자이고 제어 문자를 담을 수 없습니다.",
    capacity: "정원은 1명에서 100,000명까지 정할 수 있습니다.",
    password: "쓸 수 없는 비밀번호입니다. 1~128바이트로 적어 주세요.",
    expires_at: "이미 지난 때입니다. 더 나중으로 정해 주세요.",
  },
  errors: {
    offline: "오프라인입니다.",
    unreachable: "서버에 닿을 수 없습니다. 연결을 확인하고 다시 시도해 주세요.",
    timeout: "서버가 제때 답하지 않았습니다. 잠시 뒤 다시 시도해 주세요.",
    not_parlor: "채팅 서버가 아닌 것이 답했습니다. 계속되면 사이트 운영자에게 알려 주세요.",
    token_required: "이 방의 로그인이 풀렸습니다. 다시 들어와 주세요.",
    token_invalid: "서버가 이 방문을 알지 못합니다. 다시 들어와 주세요.",
    not_in_room: "지금은 이 방에 있지 않습니다. 다시 들어와 주세요.",
    banned: "이 방에서 차단되었습니다. 잠시 동안의 차단이라면 나중에 다시 시도해 주세요.",
    password_required: "비밀번호가 있는 방입니다. 비밀번호를 적고 들어와 주세요.",
    password_wrong: "비밀번호가 맞지 않습니다. 다시 적어 주세요.",
    slow_mode: "천천히 말하는 방입니다. 잠시 기다렸다 다시 시도해 주세요.",
    too_late: "메시지를 고치거나 지울 수 있는 시간이 지났습니다.",
    forbidden: "이 방에서는 할 수 없는 일입니다.",
    not_found: "그런 방이 없습니다. 받은 주소를 확인해 주세요.",
    room_full: "방이 가득 찼습니다. 누군가 나가면 다시 시도해 주세요.",
    nickname_taken: "이미 쓰이고 있거나 비슷해 보이는 이름입니다. 다른 이름을 골라 주세요.",
    nickname_reserved: "운영진만 쓸 수 있는 이름입니다. 다른 이름을 골라 주세요.",
    room_expired: "이 방은 닫혔습니다. 더 쓸 수 없습니다.",
    body_too_large: "너무 깁니다. 줄여서 다시 보내 주세요.",
    too_many_streams: "채팅 창이 너무 많이 열려 있습니다. 몇 개를 닫고 다시 시도해 주세요.",
    busy: "서버가 바빠 처리하지 않았습니다. 잠시 뒤 다시 시도해 주세요.",
    read_only: "지금은 서버에 저장할 수 없어 처리하지 않았습니다. 나중에 다시 시도해 주세요.",
    not_set_up: "채팅의 데이터를 둘 곳이 없습니다. 운영자: parlor.conf의 data를 문서 루트 밖의 디렉터리로 정해 주세요. 원인은 웹 서버의 오류 로그에 있습니다.",
    not_started: "웹 서버가 채팅을 시작하지 못했습니다. 운영자: parlor.cgi의 권한을 755로 정해 주세요. 원인은 웹 서버의 오류 로그에 있습니다.",
    storage_full: "서버에 남은 공간이 없어 처리하지 않았습니다. 나중에 다시 시도하거나 사이트 운영자에게 알려 주세요.",
    stopping: "서버가 다시 시작하고 있습니다. 잠시 뒤 다시 시도해 주세요.",
    internal: "서버에서 오류가 났습니다. 다시 시도해 주세요. 계속되면 사이트 운영자에게 알려 주세요.",
    too_fast: "너무 빨랐습니다. 잠시 기다렸다 다시 시도해 주세요.",
    refused: "서버가 요청을 거부했습니다.",
    origin_not_allowed: "채팅 서버가 이 사이트를 허용하지 않습니다. 서버 운영자가 cors_origins 설정에 이 사이트를 추가해야 합니다.",
    other: "문제가 생겼습니다. 다시 시도해 주세요.",
  },
};
