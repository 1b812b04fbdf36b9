#!/usr/bin/env python3
"""What `reader` makes of each file: a line of JSON with id, title and date of its entries."""
import json
import pathlib
import sys

from reader import make_reader

for name in sys.argv[1:]:
    path = pathlib.Path(name)
    reader = make_reader(":memory:", feed_root=str(path.parent))
    reader.add_feed(path.name)
    for result in reader.update_feeds_iter():
        assert not isinstance(result.value, Exception), (path, result.value)
    entries = reader.get_entries(feed=path.name)
    print(json.dumps([[entry.id, entry.title, int(entry.published.timestamp())] for entry in entries]))
