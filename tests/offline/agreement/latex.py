"""Math-Verify, which parses answers with a grammar of LaTeX and compares them with SymPy."""
import logging
import re

from math_verify import parse, verify
from math_verify.parser import ExprExtractionConfig, LatexExtractionConfig

CHECKER = "math-verify 0.9.0, SymPy 1.14.0"
logging.disable(logging.CRITICAL)
FORMS = [LatexExtractionConfig(boxed_match_priority=0), ExprExtractionConfig()]


def judge(row):
    """Returns whether the answer states the gold; None where the gold is words or a letter, which it does not compare."""
    gold = gold_of(row["problem"])
    if re.fullmatch(r"(\\text\{)?\(?[A-Za-z][a-z ]*\)?\}?", gold):
        return None
    expected = parse(f"${gold}$", extraction_config=FORMS)
    if not expected:
        return None
    return bool(verify(expected, parse(row["answer"], extraction_config=FORMS)))


def gold_of(problem):
    """Returns the gold answer of a row of GSM8K or MATH."""
    if "####" in problem.get("answer", ""):
        return problem["answer"].rpartition("####")[2].strip()
    return problem.get("answer") or boxed(problem["solution"])


def boxed(text):
    start = text.rindex("\\boxed{") + len("\\boxed{")
    depth = 1
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return text[start:at]
    raise ValueError("the box is never closed")
