#!/usr/bin/env python3
"""Reads every published feed with feedparser and json: the same items in every format."""
import calendar
import json
import pathlib
import sys

import feedparser

root = pathlib.Path(sys.argv[1]) / "feeds"
checked = 0
for rss_path in sorted(root.rglob("*.rss")):
    base = rss_path.with_suffix("")
    rss = feedparser.parse(rss_path.read_bytes())
    atom = feedparser.parse(base.with_suffix(".atom").read_bytes())
    feed = json.loads(base.with_suffix(".json").read_text(encoding="utf-8"))
    assert rss.bozo == 0, (rss_path, rss.get("bozo_exception"))
    assert atom.bozo == 0, (rss_path, atom.get("bozo_exception"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"

    def instant(entry):
        return calendar.timegm(entry.published_parsed)

    from_rss = [(e.id, e.title, instant(e)) for e in rss.entries]
    from_atom = [(e.id, e.title, instant(e)) for e in atom.entries]
    from_json = [(i["id"], i["title"]) for i in feed["items"]]
    assert from_rss == from_atom, rss_path
    # feedparser strips mark-up from titles; ids must agree in any case.
    assert [e[0] for e in from_rss] == [i[0] for i in from_json], rss_path
    assert len({e[0] for e in from_rss}) == len(from_rss), rss_path
    checked += len(from_rss)
assert checked > 0, "no item was published"
print(f"{checked} items read alike in RSS, Atom and JSON")
