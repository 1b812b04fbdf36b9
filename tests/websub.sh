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
lianbo=$target/debug/lianbo
. tests/running_demo.sh
"$venv/bin/python" tests/websub.py "http://$public/feeds/all.atom" "$work"
