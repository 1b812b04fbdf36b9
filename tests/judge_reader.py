#!/usr/bin/env python3
"""A strict feed reader subscribes: the same ids, titles and dates from RSS, Atom and JSON."""
import sys

from reader import make_reader

base = sys.argv[1]
reader = make_reader(":memory:")
urls = [f"{base}/feeds/sheng.{ending}" for ending in ("rss", "atom", "json")]
for url in urls:
    reader.add_feed(url)
for attempt in range(20):
    for result in reader.update_feeds_iter():
        assert not isinstance(result.value, Exception), (result.url, result.value)
    seen = []
    for url in urls:
        entries = reader.get_entries(feed=url)
        seen.append({(entry.id, entry.title, entry.published) for entry in entries})
    # The demo goes on publishing while its feeds are fetched one after the other.
    if seen[0] == seen[1] == seen[2]:
        break
assert seen[0] and seen[0] == seen[1] == seen[2], [len(s) for s in seen]
again = list(reader.update_feeds_iter())
assert not any(isinstance(result.value, Exception) for result in again)
reader.add_feed(f"{base}/feeds/nothing.rss")
told = [result.value for result in reader.update_feeds_iter() if "nothing" in result.url]
assert isinstance(told[0], Exception), "the reader is asleep"
print(f"reader: {len(seen[0])} items alike in three formats")
