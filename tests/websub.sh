#!/usr/bin/env bash
# A WebSub exchange with a subscriber that is not ours: Flask-WebSub on the hub of the demo.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
demo=
trap '[ -z "$demo" ] || kill "$demo" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
cargo build --locked --quiet
target=$(cargo metadata --format-version 1 --no-deps | python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')
venv=${LIANBO_WEBSUB_VENV:-$target/venv-websub}
if ! "$venv/bin/python" -c 'import flask_websub, feedparser' 2>/dev/null; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check flask-websub==0.4.1 feedparser==6.0.14
fi
# On ports of its own: somebody may be looking at a demo.
read -r public admin < <(python3 - <<'PORTS'
import socket
sockets = [socket.socket() for _ in range(2)]
for one in sockets:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in sockets))
PORTS
)
cp -r demo "$work/demo"
sed -i "s/127\.0\.0\.1:8700/127.0.0.1:$public/; s/127\.0\.0\.1:8701/127.0.0.1:$admin/" "$work/demo/config.toml"
"$target/debug/lianbo" demo --folder "$work/demo" --data "$work/data" >"$work/out" 2>"$work/err" &
demo=$!
feed=http://127.0.0.1:$public/feeds/all.atom
# Ready when the feed answers; 503 until the first items are published.
if ! curl --silent --show-error --fail --output /dev/null --retry 60 --retry-all-errors \
  --retry-delay 1 "$feed" 2>"$work/curl"; then
  cat "$work/curl" "$work/err" >&2
  exit 1
fi
"$venv/bin/python" tests/websub.py "$feed" "$work"
