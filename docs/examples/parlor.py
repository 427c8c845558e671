"""Sends texts to a room of Parlor, and follows what is said there.

    PARLOR_KEY=pk_... python3 parlor.py send https://example.org/chat/ 'ops' 'backup done'
    PARLOR_KEY=pk_... python3 parlor.py follow https://example.org/chat/ 'ops'

Nothing but the standard library is needed.  The key needs the scope alerts to
send, and rooms to make a room or to follow one.
"""
import json
import os
import sys
import time
import uuid
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

TRIES = 5
TIMEOUT_S = 30  # more than the time between two heartbeats


def headers(key):
    return {"Authorization": f"Bearer {key}"}


def send(base, key, room, text, title=None, tags=()):
    """Returns the stored message.  Repeating the request sends nothing twice."""
    more = {"Content-Type": "text/plain", "Idempotency-Key": uuid.uuid4().hex}
    query = f"?title={quote(title or '')}&tags={quote(','.join(tags))}"
    request = Request(f"{base}{room}{query}", text.encode(), headers(key) | more)
    for left in reversed(range(TRIES)):
        try:
            with urlopen(request, timeout=TIMEOUT_S) as answer:
                return json.load(answer)["message"]
        except HTTPError as error:
            if error.code < 500 and error.code != 429 or left == 0:
                raise
            time.sleep(int(error.headers.get("Retry-After") or 1))
        except OSError:
            if left == 0:
                raise
            time.sleep(1)


def follow(base, key, room):
    """Yields every message from now on, without gaps, until it is closed."""
    cursor = "latest"
    while True:
        url = f"{base}events?as=ndjson&rooms={room}&cursor={cursor}"
        retry_ms = 2000
        try:
            with urlopen(Request(url, headers=headers(key)), timeout=TIMEOUT_S) as lines:
                for line in lines:
                    event = json.loads(line)
                    if event["kind"] == "sync":
                        cursor = event["data"]["from"]
                    cursor = event.get("id", cursor)
                    retry_ms = event["data"].get("retry_ms", retry_ms)
                    if event["kind"] in ("message", "alert"):
                        yield event["data"]["message"]
        except HTTPError as error:
            if error.code < 500 and error.code != 429:
                raise
        except OSError:
            pass
        time.sleep(retry_ms / 1000)


def main():
    what, base, room, *text = sys.argv[1:]
    key = os.environ["PARLOR_KEY"]
    if what == "send":
        print(send(base, key, room, *text)["id"])
        return
    for message in follow(base, key, room):
        print(message["content"], flush=True)


if __name__ == "__main__":
    main()
