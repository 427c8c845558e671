#!/bin/sh
# Sends a text to a room of Parlor; prints nothing unless it fails.
#
#   echo 'backup done' | PARLOR_KEY=pk_... send.sh https://example.org/chat/ops [TITLE]
#
# The key needs the scope alerts, and rooms too if it is to make the room.  If
# there is no answer curl repeats the request, which sends nothing twice: the
# name in Idempotency-Key is the same.
set -eu

room=$1
name=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')

curl --silent --show-error --fail-with-body --output /dev/null \
	--retry 5 --retry-connrefused --max-time 20 \
	--user ":$PARLOR_KEY" \
	--header "Title: ${2-}" \
	--header "Idempotency-Key: $name" \
	--data-binary @- "$room"
