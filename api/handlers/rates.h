/*
 * rates: the rate limits of the settings rate_*, applied to a call.
 *
 * Tokens are taken in the transaction that does the work: if the work is
 * refused for another reason, no token is taken.
 */
#ifndef API_HANDLERS_RATES_H
#define API_HANDLERS_RATES_H

#include "api/call.h"
#include "db/chat/rate_limit.h"

/*
 * The bucket that CALL takes tokens from for KIND; the caller is known by now.
 */
struct rate_limit rates_limit(const struct call *, enum rate_limit_kind);

/*
 * In a transaction, a write transaction for rates_take.  DB_CONFLICT with *WHY
 * rate_limited; CALL then says when to try again.
 */
typedef enum db_rc (*rates_fn)(
    struct db *, struct call *, enum rate_limit_kind, enum problem *why);
enum db_rc rates_take(struct db *, struct call *, enum rate_limit_kind,
    enum problem *why) DB_CHECK;
enum db_rc rates_peek(struct db *, struct call *, enum rate_limit_kind,
    enum problem *why) DB_CHECK;

/*
 * rates_try takes a try in a write of its own before a password of the call's
 * room is checked, and rates_untry returns the try if the password was right.
 * So a wrong password counts although the join is refused, and two concurrent
 * guesses count as two.
 */
enum db_rc rates_try(struct call *, enum problem *why) DB_CHECK;
enum db_rc rates_untry(struct call *) DB_CHECK;

#endif
