#!/usr/bin/env python3
"""Compares verdicts of planscope with those of independent checkers.

usage: check.py ANSWERS.jsonl [--write OUT.jsonl]

A line of ANSWERS.jsonl: {"family", "problem" (the data set's own row) or "ref" (FILE#ROW), "answer", "verdict", "value"}, with
"gold" for calls. --write keeps the answers that both sides judge, with what the independent checker says as "expected". docs/agreement.md says how to
install the checkers."""
import argparse
import collections
import gzip
import importlib
import json
import pathlib
import sys

# One module a family: its CHECKER names it, and its judge(row) says whether the answer is right, or None where it cannot.
MODULES = {"ifeval": "ifeval", "code": "humaneval", "calls": "bfcl", "math": "latex", "free": "latex"}
VERDICTS = {"correct": True, "wrong": False, "unreadable": False}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("answers")
    parser.add_argument("--write", metavar="OUT")
    options = parser.parse_args()
    rows = [complete(json.loads(line)) for line in open(options.answers, encoding="utf-8") if line.strip()]
    counts = collections.defaultdict(collections.Counter)
    for row in rows:
        row["expected"] = checker(row["family"]).judge(row)
        compare(row, counts[row["family"]])
    print(f"{'family':8} {'answers':>7} {'agree':>6} {'differ':>6} {'not judged':>10} {'cut':>5} {'not checked':>11}  checker")
    for family, count in counts.items():
        print(f"{family:8} {count.total():7} {count['agree']:6} {count['differ']:6} {count['not judged']:10} "
              f"{count['cut']:5} {count['not checked']:11}  {checker(family).CHECKER}")
    if options.write:
        with open(options.write, "w", encoding="utf-8") as out:
            out.writelines(json.dumps(kept(row), ensure_ascii=False) + "\n" for row in rows if is_kept(row))
    sys.exit(any(count["differ"] for count in counts.values()))


def checker(family):
    if family not in MODULES:
        sys.exit(f"there is no independent checker for the family {family}; there are: {', '.join(MODULES)}")
    return importlib.import_module(MODULES[family])


def complete(row):
    """Reads the problem, and for calls the gold, from the data set that a reference names."""
    if "ref" in row:
        name, _, number = row["ref"].rpartition("#")
        path = pathlib.Path(name)
        row["problem"] = lines(path)[int(number)]
        if row["family"] == "calls":
            places = [path.with_name(f"possible_answer.{path.name}"), path.parent / "possible_answer" / path.name]
            golds = lines(next(place for place in places if place.is_file()))
            row["gold"] = next(gold for gold in golds if gold["id"] == row["problem"]["id"])
    return row


def lines(path):
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def is_kept(row):
    """Returns whether both sides have a verdict."""
    return row["expected"] is not None and row.get("verdict") in VERDICTS


def kept(row):
    """Returns a line without what the data set has, where it is named, and without our verdict."""
    names = ["family", "ref", "answer", "expected"] if "ref" in row else ["family", "problem", "gold", "answer", "expected"]
    return {name: row[name] for name in names if name in row}


def compare(row, count):
    ours, theirs = VERDICTS.get(row.get("verdict")), row["expected"]
    if row.get("truncated") and row.get("verdict") == "unreadable":
        count["cut"] += 1
    elif theirs is None:
        count["not checked"] += 1
    elif ours is None:
        count["not judged"] += 1
    elif ours == theirs:
        count["agree"] += 1
    else:
        count["differ"] += 1
        print(f"DIFFERS {row['family']}: {row['verdict']} here, {theirs} there: {json.dumps(row['answer'])[:300]}")


if __name__ == "__main__":
    main()
