#!/usr/bin/env python3
"""Collects the answers of recorded sessions, for check.py.

usage: collect.py SESSIONS [SESSIONS ...] > answers.jsonl

SESSIONS is a folder of sessions, such as lab-NAME/sessions. Each answer that was written without citations becomes a line with
the reference of its problem; relative references are read from where planscope ran."""
import json
import pathlib
import sys


def answer(session):
    """Returns the line of a session; None where it has no answer, or one that cites."""
    manifest = json.loads((session / "manifest.json").read_text(encoding="utf-8"))
    family, found = None, None
    with open(session / "events.jsonl", encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line).get("record", {})
            if event.get("event") == "started":
                family = event["problem"]["family"]
            elif event.get("event") == "answered":
                found = event["answer"]
    if found is None or found["cite"]:
        return None
    return {"family": family, "ref": manifest["source"], "answer": found["text"], "truncated": found["truncated"]}


for folder in sys.argv[1:]:
    for session in sorted(pathlib.Path(folder).iterdir()):
        if (session / "manifest.json").is_file():
            line = answer(session)
            if line:
                print(json.dumps(line, ensure_ascii=False))
