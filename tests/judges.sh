#!/usr/bin/env bash
# Judges that are not ours, over every document of the demo and over documents made from nasty input:
# the RFC 4287 schema (jing), a JSON Feed schema, five feed parsers that must agree (feedparser, feedsmith,
# reader, feed-rs, newsboat), python-docx for what is exported, and REDbot for the answers over HTTP. Each is first shown something bad, so that it is known to be awake.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
demo=
trap '[ -z "$demo" ] || kill "$demo" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
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
venv venv-docx python-docx==1.2.0

# feedsmith, for which npm goes to its registry once.
if [ ! -f "$target/node-judges/ready" ]; then
  rm -rf "${target:?}/node-judges" && mkdir -p "$target/node-judges"
  npm install --silent --no-audit --no-fund --prefix "$target/node-judges" feedsmith@3.0.1
  touch "$target/node-judges/ready"
fi
cp tests/judge_feedsmith.mjs "$target/node-judges/"
# feedparser, whose copy in `reader` is another.
venv venv-feedparser feedparser==6.0.14

# The documents: the demo's, and those of the renderers' own nastiest input.
"$lianbo" demo --once --data "$work/data" >/dev/null 2>&1
published=$work/data/public
LIANBO_NASTY=$work/nasty cargo test --locked --quiet --lib render::tests::nasty_documents >/dev/null
[ -n "$(ls "$work/nasty")" ]

jing() { command jing -c tests/schemas/atom.rnc "$@" 2>/dev/null; }
echo '<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title></feed>' >"$work/bad.atom"
if jing "$work/bad.atom" >/dev/null; then echo "jing lets a feed without id pass"; exit 1; fi
find "$published" "$work/nasty" -name '*.atom' -print0 | xargs -0 -n 50 bash -c 'command jing -c tests/schemas/atom.rnc "$@" 2>/dev/null' jing
find "$published" "$work/nasty" \( -name '*.atom' -o -name '*.rss' -o -name opml \) -print0 | xargs -0 xmllint --noout
"$target/venv-feedparser/bin/python" tests/judge_alike.py "$target" "$published/feeds" "$work/nasty"
"$target/venv-schema/bin/python" tests/judge_json.py tests/schemas/jsonfeed.json "$published/feeds" "$work/nasty"

# Everything as Word files, and as the API tells it.
export=("$lianbo" --config demo/config.toml --data "$work/data" export --since 2000-01-01)
"${export[@]}" --format docx --out "$work/word" >/dev/null 2>&1
"${export[@]}" --format jsonl --out "$work/all.jsonl" 2>/dev/null
"$target/venv-docx/bin/python" tests/judge_docx.py "$work/word" "$work/all.jsonl"

. tests/running_demo.sh
"$target/venv-redbot/bin/python" tests/judge_http.py "http://$public"
"$target/venv-reader/bin/python" tests/judge_reader.py "http://$public"

mkdir -p "$work/newsboat"
printf 'http://%s/feeds/all.rss\nhttp://%s/feeds/sheng.atom\n' "$public" "$public" >"$work/newsboat/urls"
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
