"""Reads JSON lines {id, html, url?}, writes {id, text, title, author, date} as trafilatura finds them."""

import json
import sys

from trafilatura import bare_extraction

for line in sys.stdin:
    page = json.loads(line)
    found = bare_extraction(page["html"], url=page.get("url"), with_metadata=True)
    found = found.as_dict() if found is not None else {}
    row = {"id": page["id"], "text": found.get("text") or ""}
    for name in ("title", "author", "date"):
        row[name] = found.get(name) or ""
    print(json.dumps(row))
