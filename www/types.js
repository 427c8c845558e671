/*
 * types: what goes over the wire, for the type checker and for editors.  It
 * holds no code and no page loads it.  docs/openapi.yaml and docs/EVENTS.md
 * describe each field.
 */

/** @typedef {"member" | "moderator" | "owner"} Role */

/**
 * @typedef {object} Chatter
 * @property {string} id
 * @property {string} nickname
 * @property {Role} role
 */

/** @typedef {{ id: string, nickname: string }} Author */

/**
 * @typedef {object} Room
 * @property {string} id
 * @property {string} namespace
 * @property {string} title
 * @property {number} capacity
 * @property {number} online
 * @property {string} created_at
 * @property {string | null} expires_at
 * @property {boolean} expired
 * @property {boolean} listed
 * @property {boolean} has_password
 * @property {number} grace_ms
 * @property {"all" | "quiet" | "off"} notices
 * @property {"members" | "anyone"} post who may send messages
 * @property {number} slow_ms
 */

/**
 * The fields of a room that can be set.
 *
 * @typedef {object} RoomFields
 * @property {string} [id] only when it is created
 * @property {string} [namespace] only when it is created
 * @property {string} [title]
 * @property {number} [capacity]
 * @property {string | null} [expires_at] null: never
 * @property {number} [grace_ms]
 * @property {boolean} [listed]
 * @property {string | null} [password] null: none
 * @property {"all" | "quiet" | "off"} [notices]
 * @property {"members" | "anyone"} [post] who may send messages
 * @property {number} [slow_ms]
 */

/**
 * @typedef {object} Notice
 * @property {"joined" | "left"} kind
 * @property {null | "left" | "timeout" | "removed" | "room_closed"} reason
 * @property {Author} [chatter]
 * @property {Author[]} [chatters] the first of several
 * @property {number} [count] all of them
 */

/**
 * @typedef {object} Message
 * @property {number} id
 * @property {"message" | "alert"} type
 * @property {string} room
 * @property {Author | null} chatter null in a notice, a service's announcement and a message from outside the room
 * @property {string} content
 * @property {string | null} client_id
 * @property {string} created_at
 * @property {string} [edited_at]
 * @property {string} [deleted_at]
 * @property {Notice} [notice]
 * @property {string} [title] of a text
 * @property {string[]} [tags] of a text
 */

/**
 * A consistent snapshot of a room, and the cursor at which a stream goes on.
 *
 * @typedef {object} Snapshot
 * @property {Chatter} chatter the caller
 * @property {Room} room
 * @property {Chatter[]} chatters
 * @property {Message[]} messages
 * @property {string} cursor
 * @property {string} [token] of a new person
 */

/** @typedef {{ chatter: Author, until: string | null }} Ban */

/**
 * One of the person's rooms, with its last message and the number of unread ones.
 *
 * @typedef {object} MyRoom
 * @property {Room} room
 * @property {Chatter} chatter
 * @property {Message | null} last_message
 * @property {number} unread
 */

/** @typedef {{ kind: string, id: string }} Target */

/**
 * @typedef {object} Notification
 * @property {number} id
 * @property {string} type
 * @property {string} text
 * @property {any} payload
 * @property {Target | null} target
 * @property {{ room: string, chatter: string } | null} from
 * @property {number} count
 * @property {string} changed_at
 * @property {string | null} read_at
 */

/**
 * @typedef {object} NotificationFields
 * @property {string} type
 * @property {string} text
 * @property {Target} [target]
 * @property {string} [parent_id]
 * @property {any} [payload]
 * @property {string} [actor] for a service
 */

/** @typedef {{ type: string, target: Target, actor?: string }} Occasion */

/**
 * The first frame of every connection.
 *
 * @typedef {object} Sync
 * @property {string} epoch
 * @property {string} from
 * @property {string} head
 * @property {string} floor
 * @property {boolean} recovered
 * @property {number} [hb_ms]
 * @property {number} [retry_ms]
 */

/**
 * The data of a `presence` event; lists that would be empty may be missing.
 *
 * @typedef {object} Presence
 * @property {string} room
 * @property {Chatter[]} [joined]
 * @property {(Chatter & { reason: string })[]} [left]
 * @property {(Chatter & { was: string })[]} [renamed]
 * @property {Chatter[]} [changed] they have another role now
 * @property {number} count
 */

export {};
