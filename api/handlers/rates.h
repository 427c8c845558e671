/*
 * rates: what may be done only so often, by the settings rate_*.
 *
 * Tokens are taken in the transaction that writes what they are taken for: if
 * that is refused for another reason, nothing has been taken.
 */
#ifndef API_HANDLERS_RATES_H
#define API_HANDLERS_RATES_H

#include "api/call.h"
#include "db/chat/rate_limit.h"

/* From which bucket CALL takes for KIND; whoever calls is known by now. */
struct rate_limit rates_limit(const struct call *, enum rate_limit_kind);

/*
 * In a transaction, a writing one for rates_take.  DB_CONFLICT with *WHY
 * rate_limited, and CALL knows when it may come again.
 */
typedef enum db_rc (*rates_fn)(
    struct db *, struct call *, enum rate_limit_kind, enum problem *why);
enum db_rc rates_take(struct db *, struct call *, enum rate_limit_kind,
    enum problem *why) DB_CHECK;
enum db_rc rates_peek(struct db *, struct call *, enum rate_limit_kind,
    enum problem *why) DB_CHECK;

/*
 * A write of its own before a password of the call's room is looked at, and
 * another one when it turned out not to be wrong: so wrong ones count
 * although the join is refused, and no two at the same time count as one.
 */
enum db_rc rates_try(struct call *, enum problem *why) DB_CHECK;
enum db_rc rates_untry(struct call *) DB_CHECK;

#endif
