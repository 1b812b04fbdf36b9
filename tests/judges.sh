#!/usr/bin/env bash
# Judges that are not ours, over every document of the demo and over documents made from nasty input:
# the RFC 4287 schema (jing), a JSON Feed schema, two feed readers (reader, newsboat), and REDbot for
# the answers over HTTP. Each is first shown something bad, so that it is known to be awake.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
cargo build --locked --quiet
target=$(cargo metadata --format-version 1 --no-deps | python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')
lianbo=$target/debug/lianbo

venv() { # NAME PACKAGE…
  local name=$1; shift
  [ -f "$target/$name/ready" ] && return
  rm -rf "${target:?}/$name" && python3 -m venv "$target/$name"
  "$target/$name/bin/pip" install --quiet --disable-pip-version-check "$@"
  touch "$target/$name/ready"
}
venv venv-schema jsonschema==4.26.0
venv venv-redbot redbot==2.7.1
venv venv-reader reader==3.26 sgmllib3k==1.0.0

# The documents: the demo's, and those of the renderers' own nastiest input.
"$lianbo" demo --once --data "$work/data" >/dev/null 2>&1
public=$work/data/public
LIANBO_NASTY=$work/nasty cargo test --locked --quiet --lib render::tests::nasty_documents >/dev/null
[ -n "$(ls "$work/nasty")" ]

jing() { command jing -c tests/schemas/atom.rnc "$@" 2>/dev/null; }
echo '<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title></feed>' >"$work/bad.atom"
if jing "$work/bad.atom" >/dev/null; then echo "jing lets a feed without id pass"; exit 1; fi
find "$public" "$work/nasty" -name '*.atom' -print0 | xargs -0 -n 50 bash -c 'command jing -c tests/schemas/atom.rnc "$@" 2>/dev/null' jing
find "$public" "$work/nasty" \( -name '*.atom' -o -name '*.rss' -o -name opml \) -print0 | xargs -0 xmllint --noout
"$target/venv-schema/bin/python" tests/judge_json.py tests/schemas/jsonfeed.json "$public/feeds" "$work/nasty"

# Over HTTP, on ports of its own: somebody may be looking at a demo.
read -r port admin < <(python3 - <<'PORTS'
import socket
sockets = [socket.socket() for _ in range(2)]
for one in sockets:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in sockets))
PORTS
)
cp -r demo "$work/demo"
sed -i "s/127\.0\.0\.1:8700/127.0.0.1:$port/; s/127\.0\.0\.1:8701/127.0.0.1:$admin/" "$work/demo/config.toml"
"$lianbo" demo --folder "$work/demo" --data "$work/live" >"$work/out" 2>"$work/err" &
server=$!
base=127.0.0.1:$port
# Ready when the feed answers; 503 until the first items are published.
if ! curl --silent --show-error --fail --output /dev/null --retry 60 --retry-all-errors \
  --retry-delay 1 "http://$base/feeds/sheng.json" 2>"$work/curl"; then
  cat "$work/curl" "$work/err" >&2
  exit 1
fi
"$target/venv-redbot/bin/python" tests/judge_http.py "http://$base"
"$target/venv-reader/bin/python" tests/judge_reader.py "http://$base"

mkdir -p "$work/newsboat"
printf 'http://%s/feeds/all.rss\nhttp://%s/feeds/sheng.atom\n' "$base" "$base" >"$work/newsboat/urls"
: >"$work/newsboat/config"
HOME=$work/newsboat newsboat -u "$work/newsboat/urls" -c "$work/newsboat/cache.db" -C "$work/newsboat/config" -x reload
python3 - "$work/newsboat/cache.db" <<'PY'
import sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute("select guid, title, pubDate, content from rss_item").fetchall()
assert len(rows) >= 20, len(rows)
for guid, title, date, content in rows:
    assert guid.startswith("tag:") and title.strip() and date > 1_500_000_000 and content.strip(), guid
print(f"newsboat: {len(rows)} items, each with id, title, date and text")
PY
echo "no judge complains"
