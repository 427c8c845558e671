#!/bin/sh
# Prints what is said in a room of Parlor, a line each, until it is stopped.
#
#   PARLOR_KEY=pk_... follow.sh https://example.org/chat/ops | while read -r line; do ...
#
# The key needs the scope rooms.  A stream ends after some minutes; what is said
# before the next one begins is not printed.  It ends when the server refuses.
set -u

while :; do
	curl --silent --show-error --fail --no-buffer \
		--retry 10 --retry-connrefused \
		--user ":$PARLOR_KEY" "$1/raw" && continue
	[ $? -ne 22 ] || exit 1
	sleep 2
done | grep --line-buffered .
