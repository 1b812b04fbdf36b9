#!/usr/bin/env python3
"""Opens exported Word files with python-docx and compares them with the API's lines for the same items."""
import html
import json
import pathlib
import re
import sys

import docx
from docx.oxml.ns import qn

folder, lines = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])


def squeezed(text):
    return re.sub(r"\s", "", text)


def words(fragment):
    return squeezed(html.unescape(re.sub(r"<[^>]*>", "", fragment)))


def faults(path, item):
    """What is wrong with a document of `item`."""
    document = docx.Document(path)
    found = []
    styles = [paragraph.style.name for paragraph in document.paragraphs]
    if styles[:2] != ["Title", "Byline"] or document.paragraphs[0].text != item["title"]:
        found.append("title")
    if document.core_properties.title != item["title"]:
        found.append("property title")
    body = squeezed("".join(node.text or "" for node in document.element.iter(qn("w:t"))))
    for block in re.findall(r"<(?:p|h2|h3|h4|li|td|th|figcaption)\b[^>]*>([^<]+)</", item["html"]):
        if words(block) not in body:
            found.append(f"text {words(block)[:20]}")
    inside = len(document.element.findall(f".//{qn('w:drawing')}"))
    # Links are links, and every picture is inside or linked.
    linked = body.count("〔图〕")
    if inside + linked != len(re.findall("<img", item["html"])):
        found.append(f"pictures: {inside} inside, {linked} linked")
    for rel in document.part.rels.values():
        if "image" in rel.reltype and not rel.target_part.blob:
            found.append("empty picture")
    beside = path.with_suffix("")
    files = sorted(beside.iterdir()) if beside.is_dir() else []
    if len([file for file in files if file.name.startswith("图")]) > inside:
        found.append("more pictures beside than inside")
    return found


items = {}
for line in lines.read_text(encoding="utf-8").splitlines():
    item = json.loads(line)
    items.setdefault((item["published"][:10], item["title"]), []).append(item)

read, pictures, tables = 0, 0, 0
for path in sorted(folder.glob("*.docx")):
    document = docx.Document(path)
    title = document.paragraphs[0].text
    candidates = items[(path.name[:10], title)]
    least = min((faults(path, item) for item in candidates), key=len)
    assert least == [], (path.name, least)
    read, tables = read + 1, tables + len(document.tables)
    pictures += len(document.inline_shapes)
assert read == sum(map(len, items.values())), (read, len(items))
assert pictures > 0 and tables > 0, (pictures, tables)
# Awake: the document of one item is not that of another.
first, second = list(items.values())[:2]
other = next(path for path in folder.glob("*.docx") if docx.Document(path).paragraphs[0].text == first[0]["title"])
assert faults(other, second[0]), "the judge finds nothing wrong with another item's text"
print(f"python-docx: {read} Word files with {pictures} pictures and {tables} tables say what the API says")
