"""A subscriber that is not ours (Flask-WebSub) on the hub of a running demo.

    websub.py FEED FOLDER

Discovers the hub of FEED, subscribes with a secret, is sent a change, renews, leaves, and hears
nothing more. Its books are kept in FOLDER.
"""

import logging
import pathlib
import queue
import sys
import threading

import feedparser
import flask
import flask_websub.subscriber as websub
import requests
from werkzeug.serving import make_server

FEED, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
# Nothing here takes so long, unless it never comes.
PATIENCE = 60

logging.getLogger("werkzeug").setLevel(logging.ERROR)
# The library keeps secrets for https; on loopback nobody listens.
websub.is_secure = lambda url: True

app = flask.Flask(__name__)
subscriber = websub.Subscriber(
    websub.SQLite3SubscriberStorage(str(FOLDER / "kept.db")),
    websub.SQLite3TempSubscriberStorage(str(FOLDER / "asked.db")),
    MAX_BODY_SIZE=5_000_000,
)
events = queue.Queue()
headers = queue.Queue()


posted = []


@app.before_request
def keep():
    if flask.request.method == "POST":
        headers.put(flask.request.headers)
        posted.append(flask.request.path)


@subscriber.add_success_handler
def succeeded(topic, callback, mode):
    events.put((mode, topic))


@subscriber.add_error_handler
def failed(topic, callback, reason):
    events.put(("error", reason))


# Called only where the library finds the signature to be right.
@subscriber.add_listener
def listened(topic, callback, body):
    events.put(("content", body))


app.register_blueprint(subscriber.build_blueprint(url_prefix="/callbacks"))
server = make_server("127.0.0.1", 0, app, threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_port}/"


def expect(kind):
    """The next event of this kind; what is sent in between does not matter."""
    while True:
        found, value = events.get(timeout=PATIENCE)
        if found == kind:
            return value
        assert found == "content", f"wanted {kind}, found {found}: {value}"


found = websub.discover(FEED)
assert found["topic_url"] == FEED, found
with app.test_request_context(base_url=base):
    callback = subscriber.subscribe(**found, lease_seconds=7200)
assert expect("subscribe") == FEED
kept = subscriber.storage[callback]
assert kept["lease_seconds"] == 7200 and kept["secret"], kept

body = expect("content")
feed = feedparser.parse(body)
assert not feed.bozo and feed.entries, "what was sent is no feed"
sent = headers.get(timeout=PATIENCE)
assert sent["X-Hub-Signature"].startswith("sha256="), sent
assert f'<{FEED}>; rel="self"' in sent["Link"] and 'rel="hub"' in sent["Link"], sent
assert sent["Content-Type"] == requests.get(FEED, timeout=PATIENCE).headers["Content-Type"]

with app.test_request_context(base_url=base):
    subscriber.renew(callback)
assert expect("subscribe") == FEED
with app.test_request_context(base_url=base):
    subscriber.unsubscribe(callback)
assert expect("unsubscribe") == FEED
before = sum(callback in path for path in posted)

# Another subscriber is sent the next change; the one who left is not.
with app.test_request_context(base_url=base):
    other = subscriber.subscribe(**found)
assert expect("subscribe") == FEED
expect("content")
expect("content")
assert sum(callback in path for path in posted) == before, "sent to one who left"
print(f"{FEED}: discovered, subscribed, sent {len(feed.entries)} entries, renewed, left")
