#!/usr/bin/env python3
"""Five parsers that are not ours read every feed: the same ids, titles, dates and order, in every format.

  judge_alike.py TARGET FOLDER…    TARGET: where the judges are installed; FOLDER: where feeds stand
"""
import calendar
import datetime
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

import feedparser

target = pathlib.Path(sys.argv[1])
folders = [pathlib.Path(folder) for folder in sys.argv[2:]]
here = pathlib.Path(__file__).parent
FORMATS = ("rss", "atom", "json")


def seconds(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def plain_json(path):
    feed = json.loads(path.read_text(encoding="utf-8"))
    return [[item["id"], item["title"], seconds(item["date_published"])] for item in feed["items"]]


def by_feedparser(paths):
    read = {}
    for path in paths:
        if path.suffix == ".json":
            continue
        # Titles are compared as the words that readers see, which sanitising would take apart.
        feed = feedparser.parse(path.read_bytes(), sanitize_html=False)
        assert not feed.bozo, (path, feed.get("bozo_exception"))
        read[path] = [[e.id, e.title, calendar.timegm(e.published_parsed)] for e in feed.entries]
    return read


def lines(command, paths, **more):
    """A program of its own that prints a line of JSON for each file it is given."""
    told = subprocess.run([*command, *map(str, paths)], capture_output=True, text=True, check=True, **more)
    return dict(zip(paths, map(json.loads, told.stdout.splitlines()), strict=True))


def by_feedsmith(paths):
    node = target / "node-judges"
    return lines(["node", str(node / "judge_feedsmith.mjs")], paths, cwd=node)


def by_reader(paths):
    python = target / "venv-reader/bin/python"
    return lines([str(python), str(here / "judge_alike_reader.py")], paths)


def by_feed_rs(paths):
    files = "\n".join(map(str, paths))
    told = target / "feed-rs-told"
    environment = {**os.environ, "LIANBO_FEEDS": files, "LIANBO_TOLD": str(told)}
    command = ["cargo", "test", "--locked", "--quiet", "--lib", "render::tests::independent_readers_see_the_same_items"]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, cwd=here.parent)
    read = dict(zip(paths, map(json.loads, told.read_text(encoding="utf-8").splitlines()), strict=True))
    told.unlink()
    return read


def by_newsboat(paths):
    """Newsboat keeps items by date and feed; it reads no JSON Feed."""
    read = {}
    for path in paths:
        if path.suffix == ".json":
            continue
        with tempfile.TemporaryDirectory() as home:
            (pathlib.Path(home) / "urls").write_text(f"file://{path}\n")
            (pathlib.Path(home) / "config").write_text("")
            command = ["newsboat", "-u", f"{home}/urls", "-c", f"{home}/cache.db", "-C", f"{home}/config", "-x", "reload"]
            subprocess.run(command, check=True, env={**os.environ, "HOME": home}, stdout=subprocess.DEVNULL)
            rows = sqlite3.connect(f"{home}/cache.db").execute("select guid, title, pubDate from rss_item order by id desc")
            read[path] = [list(row) for row in rows]
    return read


JUDGES = {
    "feedparser": by_feedparser,
    "feedsmith": by_feedsmith,
    "reader": by_reader,
    "feed-rs": by_feed_rs,
    "newsboat": by_newsboat,
}
# What a judge does with a document is its own affair, as long as it does it to all formats alike.
ORDERLESS = {"reader", "newsboat"}


def differences(name, read, wanted):
    """The documents of which `name` tells other items than `wanted`."""
    same = (lambda items: sorted(items)) if name in ORDERLESS else list
    return [path for path, items in read.items() if same(items) != same(wanted[path])]


paths, wanted = [], {}
for folder in folders:
    for path in sorted(folder.rglob("*.json")):
        if not all(path.with_suffix(f".{ending}").exists() for ending in FORMATS):
            continue
        for ending in FORMATS:
            paths.append(path.with_suffix(f".{ending}"))
            wanted[paths[-1]] = plain_json(path)
assert paths, "there is nothing to read"

with tempfile.TemporaryDirectory() as bad:
    # Something bad: ids, titles and dates that are not those of the JSON beside it.
    first = paths[0].read_text(encoding="utf-8")
    wrong = first.replace("<guid isPermaLink=\"false\">tag:", "<guid isPermaLink=\"false\">tag:x").replace("+0800</pubDate>", "+0900</pubDate>")
    assert wrong != first
    decoy = pathlib.Path(bad) / "decoy.rss"
    decoy.write_text(wrong, encoding="utf-8")
    for name, judge in JUDGES.items():
        read = judge([*paths, decoy])
        assert differences(name, {decoy: read.pop(decoy)}, {decoy: wanted[paths[0]]}), f"{name} is asleep"
        different = differences(name, read, wanted)
        detail = [(str(path), read[path][:2], wanted[path][:2]) for path in different[:2]]
        assert not different, (name, len(different), detail)
        print(f"{name}: {sum(map(len, read.values()))} items of {len(read)} documents, alike in every format")
