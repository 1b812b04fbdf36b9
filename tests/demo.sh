#!/usr/bin/env bash
# Runs `demo --once` twice in an empty folder: every feed is well-formed for readers that are not
# ours, an issue of each digest is built once, and the second run changes no byte.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo build --locked --quiet
lianbo=$(cargo metadata --format-version 1 --no-deps | python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')/debug/lianbo

"$lianbo" demo --once --data "$work/data" >/dev/null
(cd "$work/data" && find public issues -type f | sort | xargs sha256sum) >"$work/first"
"$lianbo" demo --once --data "$work/data" >/dev/null
(cd "$work/data" && find public issues -type f | sort | xargs sha256sum) >"$work/second"
diff "$work/first" "$work/second"
"$lianbo" demo --once --data "$work/other" >/dev/null
(cd "$work/other" && find public issues -type f | sort | xargs sha256sum) >"$work/third"
diff "$work/first" "$work/third"

find "$work/data/public" \( -name '*.rss' -o -name '*.atom' -o -name opml \) -print0 | xargs -0 xmllint --noout
issues=$(find "$work/data/issues" -name review.html | wc -l)
[ "$issues" -eq 2 ]
feeds=$(find "$work/data/public/feeds" -name '*.rss' | wc -l)
[ "$feeds" -gt 0 ]

# An independent parser, in an environment of its own.
venv=${LIANBO_VENV:-target/venv}
if ! "$venv/bin/python" -c 'import feedparser' 2>/dev/null; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check feedparser==6.0.14
fi
"$venv/bin/python" tests/judge.py "$work/data/public"
echo "$feeds feeds and $issues issues: the same bytes three times, well-formed, and read alike by an independent parser"
