#!/usr/bin/env python3
"""Holds every JSON Feed below the folders to the schema; shows the schema something bad first."""
import json
import pathlib
import sys

from jsonschema import Draft7Validator

schema = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
validator = Draft7Validator(schema)
bad = {"version": "1", "title": "", "items": [{"id": 1, "date_published": "2026-01-02"}], "extra": 1}
assert len(list(validator.iter_errors(bad))) >= 4, "the schema is asleep"
checked = 0
for folder in map(pathlib.Path, sys.argv[2:]):
    for path in sorted(folder.rglob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        errors = [f"{path}: {error.json_path}: {error.message[:200]}" for error in validator.iter_errors(document)]
        assert not errors, "\n".join(errors)
        ids = [item["id"] for item in document["items"]]
        assert len(ids) == len(set(ids)), path
        checked += 1
assert checked > 0
print(f"JSON Feed schema: {checked} documents")
