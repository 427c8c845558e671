/*
 * seq: the seqs of the log, in SQL.
 *
 * A message is its own entry in the log: the key of its row in `message` is its
 * seq.  All other entries are rows of `event`.  Both tables share the seqs, so
 * the newest is the largest of either.  Every pruned seq is at most meta.floor,
 * so no seq is given twice.
 */
#ifndef DB_ROWS_SEQ_H
#define DB_ROWS_SEQ_H

/* The seq of the newest entry; 0: there was none yet. */
#define SEQ_NEWEST                                        \
	"(SELECT max(floor,"                              \
	" coalesce((SELECT max(event) FROM message), 0)," \
	" coalesce((SELECT max(seq) FROM event), 0))"     \
	" FROM meta WHERE one = 1)"

#endif
