#!/usr/bin/env bash
# Starts the demo and opens its pages in Chromium, then works through bundles of issues as an editor
# does; screenshots go to target/screenshots.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
demo=
trap '[ -z "$demo" ] || kill "$demo" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
cargo build --locked --quiet
target=$(cargo metadata --format-version 1 --no-deps | python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')
venv=${LIANBO_VENV:-$target/venv}
if ! "$venv/bin/python" -c 'import selenium' 2>/dev/null; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check selenium==4.36.0
fi
lianbo=$target/debug/lianbo
. tests/running_demo.sh
mkdir -p "$target/screenshots"
"$venv/bin/python" tests/browser.py "http://$public/" "http://$admin/status" "$target/screenshots"
LIANBO_BUNDLES=$work/bundles cargo test --locked --quiet --lib render::issue::tests::pages_name_only >/dev/null
"$lianbo" demo --once --data "$work/once" >/dev/null 2>&1
"$venv/bin/python" tests/browser_issue.py "$target/screenshots" "$work/bundles/weekly" "$work/bundles/bulletin" \
  "$work"/once/issues/weekly/* "$work"/once/issues/minqi/*
