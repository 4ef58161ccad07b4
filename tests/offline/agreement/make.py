#!/usr/bin/env python3
"""Makes answers to compare verdicts on: right, wrong, and right or wrong in odd forms.

usage: make.py FAMILY DATA [--count N] [--seed N] [--ref] > answers.jsonl

FAMILY is ifeval (DATA: its rows), code (DATA: HumanEval.jsonl.gz), calls (DATA: a file of one turn of BFCL, with
possible_answer.FILE next to it) or formulas (DATA: rows of MATH, such as rows.py writes). The same seed makes the same answers. For calls with words around them and other forms that
only planscope reads there is nothing to compare with; those are left to the unit tests."""
import argparse
import gzip
import json
import pathlib
import random
import re

SENTENCES = """The people of the town were happy with what they had. | Dr. Smith met Mrs. Jones at 3 p.m. on Friday. | \
It costs $3.50, e.g., at the market on 5th Ave. near the U.S. Embassy. | Is that so?! | "Yes!" he said. | No... not yet. | \
We don't know; it's well-known that NASA's plan can't work. | A. B. Miller wrote it in No. 5 of the book. | \
She sent an e-mail (not a letter). He read it. | Peace and war are words | The ICE-CREAM was good, and the creamy soup too. | \
In 1999 the price was 1,000.50 dollars. In 2000. Then it fell. | WE ARE THE BEST. | you cannot say I did not try. | \
It was etc. and so on, vs. the rest. | Look at www.example.org/index.html for more info. | He works for Smith & Co. They sell rocks. | \
A+ is better than B-. | Café life: naïve, isn't it? | I would go (if I could). Would you? | **Bold words.** More follow.""".split(" | ")
EXTRAS = ["* a point", "- another point", "  * one more", "** not one **", "*highlighted part*", "**strong part**", "* *", "[name]",
          "[address] and [[date]]", "<<A title>>", "<< >>", "P.S. remember this", "P. S. and this", "P.P.S more", "p.p.s. less",
          "Psychology is nice", "PARAGRAPH 1", "SECTION 1", "Section 2 text", "Day 3", "SECTION  4", "***", "******", "******\nAgain",
          "My answer is yes.", "{\"a\": 1}", "NO", "TAKE CARE, ALL", "a b c", "#1! #2!", "", "\n"]


def ifeval(rows, dice):
    while True:
        row = dice.choice(rows)
        names, kwargs = row["instruction_id_list"], row["kwargs"]
        if dice.random() < 0.8:
            at = dice.randrange(len(names))
            names, kwargs = [names[at]], [kwargs[at]]
        problem = {"prompt": row["prompt"], "instruction_id_list": names, "kwargs": kwargs}
        yield {"problem": problem, "answer": text_for(zip(names, kwargs), dice)}


def text_for(instructions, dice):
    """Writes a text that is near to following the instructions."""
    parts = dice.choices(SENTENCES, k=dice.randint(1, 12)) + dice.choices(EXTRAS, k=dice.randint(0, 4))
    dice.shuffle(parts)
    before, after, change = [], [], str
    for name, args in instructions:
        args = {key: value for key, value in args.items() if value is not None}
        near = lambda key: max(0, int(args[key]) + dice.randint(-1, 1))
        words = [word for key in ("keywords", "forbidden_words") for word in args.get(key, [])]
        parts += dice.choices([form for word in words for form in (word, word.upper(), word + "s", "x" + word)], k=3) if words else []
        parts += words if dice.random() < 0.4 else []
        if "keyword" in args:
            parts += [args["keyword"]] * near("frequency")
        if "letter" in args:
            parts.append(args["letter"] * near("let_frequency"))
        if "num_words" in args:
            parts = (" ".join(SENTENCES) * 30).split()[: max(1, near("num_words") - dice.randint(0, 30))]
        if "num_sentences" in args:
            parts = [dice.choice(SENTENCES) for _ in range(max(1, near("num_sentences")))]
        if name.endswith("nth_paragraph_first_word"):
            paragraphs = [dice.choice(SENTENCES) for _ in range(near("num_paragraphs"))]
            at = int(args["nth_paragraph"]) - 1
            if at < len(paragraphs):
                paragraphs[at] = dice.choice(["", "'", '"', "*"]) + args["first_word"].title() + dice.choice([" x", ", x", "-x", "'s"])
            return dice.choice(["\n\n", "\n\n", "\n\n\n\n", "\n"]).join(paragraphs) or "x"
        if name.endswith("number_paragraphs"):
            return dice.choice([" *** ", "\n***\n", "\n\n***\n\n"]).join(parts[:1] * near("num_paragraphs")) or "***"
        for key, form in [("num_bullets", "\n* point"), ("num_highlights", " *part* "), ("num_placeholders", " [x] ")]:
            parts += [form] * near(key) if key in args else []
        if "section_spliter" in args:
            parts += [f"{args['section_spliter']} {n + 1}\ntext" for n in range(near("num_sections"))]
        if "capital_frequency" in args:
            parts += dice.choices(["ALL", "I", "A-B", "DON'T", "U.S.A.", "X's", "A/B", "NO."], k=near("capital_frequency"))
        after += [args["postscript_marker"] + " bye"] if "postscript_marker" in args and dice.random() < 0.6 else []
        after += [args["end_phrase"] + dice.choice(["", "", '"', "."])] if "end_phrase" in args else []
        before += [args["prompt_to_repeat"] + dice.choice(["", "", "x"])] if "prompt_to_repeat" in args and dice.random() < 0.8 else []
        if name.endswith("two_responses"):
            parts = dice.choice([["a", "******", "b"], ["a", "******", "a"], ["******", "a", "******", "b"], ["a", "***", "b"]])
        if name.endswith("json_format"):
            return dice.choice(['{"a": [1, "x"]}', '```json\n{"a": 1}\n```', "```\n[1]\n```", "{'a': 1}", '{"a": 1} so', "12", "```JSON\n{}```"])
        change = str.upper if name.endswith("english_capital") and dice.random() < 0.8 else change
        change = str.lower if name.endswith("english_lowercase") and dice.random() < 0.8 else change
        if name.endswith("no_comma") and dice.random() < 0.6:
            parts = [part.replace(",", "") for part in parts]
        if name.endswith("quotation") and dice.random() < 0.7:
            before, after = ['"'] + before, after + ['"']
    return change(dice.choice([" ", "\n", "\n\n"]).join(before + parts + after))


def code(rows, dice):
    while True:
        row = dice.choice(rows)
        body = row["canonical_solution"]
        if dice.random() < 0.5:
            body = broken(body, dice)
        whole = row["prompt"] + body
        yield {"problem": row, "answer": dice.choice(FORMS)(whole, body)}


FORMS = [
    lambda whole, body: f"```python\n{whole}\n```",
    lambda whole, body: f"Here it is:\n\n```py\n{whole}\n```\n\nIt works as asked.",
    lambda whole, body: f"~~~Python\n{whole}\n~~~",
    lambda whole, body: f"1. The function:\n\n   ```python3\n{indented(whole, '   ')}\n   ```\n2. Done.",
    lambda whole, body: f"```python\n{whole}\n```\nA test of it:\n```python\ndef test_it():\n    assert True\n```",
    lambda whole, body: f"```python\n{whole}",
    lambda whole, body: body,
    lambda whole, body: f"```python\n{body}\n```",
    lambda whole, body: whole,
]
CHANGES = [("+", "-"), ("<", "<="), (">", ">="), ("==", "!="), ("and", "or"), (" 0", " 1"), (" 1", " 2"), ("True", "False"),
           ("max", "min"), ("return ", "return not "), ("[", "[*"), ("len(", "sum("), ("range(", "range(1, ")]


def broken(body, dice):
    fitting = [change for change in CHANGES if change[0] in body]
    if not fitting or dice.random() < 0.1:
        return "    return None\n"
    old, new = dice.choice(fitting)
    places = [found.start() for found in re.finditer(re.escape(old), body)]
    at = dice.choice(places)
    return body[:at] + new + body[at + len(old):]


def indented(text, space):
    return "\n".join(space + line if line.strip() else line for line in text.rstrip().splitlines())


def calls(rows, dice, golds):
    while True:
        row = dice.choice(rows)
        gold = next(gold for gold in golds if gold["id"] == row["id"])
        made = [(name, {key: dice.choice(values) for key, values in args.items()})
                for call in gold["ground_truth"] for name, args in call.items()]
        made = [(name, {key: one(value, dice) for key, value in args.items() if value != ""}) for name, args in made]
        if dice.random() < 0.7:
            changed(made, row, dice)
        if dice.random() < 0.3:
            dice.shuffle(made)
        text = [f"{name}({', '.join(f'{key}={value!r}' for key, value in args.items())})" for name, args in made]
        yield {"problem": row, "gold": gold, "answer": dice.choice(["\n".join(text), f"[{', '.join(text)}]"])}


def one(value, dice):
    """Chooses among the values that the members of an object may have."""
    if isinstance(value, list):
        return [one(member, dice) for member in value]
    if not isinstance(value, dict):
        return value
    chosen = {key: dice.choice(values) if isinstance(values, list) and values else values for key, values in value.items()}
    return {key: member for key, member in chosen.items() if member != ""}


def changed(made, row, dice):
    """Changes one thing, which may or may not matter."""
    name, args = made[dice.randrange(len(made))]
    kind = dice.randrange(7)
    if kind == 0 and len(made) > 1:
        made.remove((name, args))
    elif kind == 1:
        args["unasked"] = 1
    elif kind == 2 and args:
        del args[dice.choice(list(args))]
    elif kind == 3:
        made[made.index((name, args))] = (name + "x", args)
    elif args:
        key = dice.choice(list(args))
        args[key] = other(args[key], dice)


def other(value, dice):
    if isinstance(value, bool):
        return dice.choice([not value, int(value), str(value)])
    if isinstance(value, int):
        return dice.choice([value + 1, float(value), str(value), -value, value + 2**53])
    if isinstance(value, float):
        return dice.choice([value + 0.5, int(value), str(value), value * 1.0000001])
    if isinstance(value, str):
        return dice.choice([value.upper(), value.replace(" ", ""), value + "!", value.replace("a", "e"), value + "'s", [value],
                            value.replace(",", " ,").replace(" ", "-"), ""])
    if isinstance(value, list):
        return dice.choice([value[::-1], value[:-1], tuple(value), value + value[:1], [other(member, dice) for member in value]])
    return dice.choice([{}, dict(value, extra=1), {key: other(member, dice) for key, member in value.items()}])


STATEMENTS = ["The answer is ${}$.", "So we get $\\boxed{{{}}}$.", "**Answer:** ${}$", "It is 3 at first.\nThe answer is \\({}\\).",
              "Therefore\n\\[ \\boxed{{{}}} \\]", "<think>Is it 7? The answer is 7.</think>\nThe answer is ${}$."]
SAME = [lambda gold: gold, lambda gold: gold.replace("\\frac", "\\dfrac"), lambda gold: re.sub(r",(?!})", ", ", gold),
        lambda gold: re.sub(r"^([(\[])(.*)([)\]])$", r"\\left\1\2\\right\3", gold), lambda gold: gold.replace("{,}", ","),
        lambda gold: re.sub(r"\^(\d)", r"^{\1}", gold), lambda gold: re.sub(r"\\frac\{(\d+)\}\{(\d+)\}", r"\1/\2", gold),
        lambda gold: re.sub(r"\\text\{ ?cm\}\^3", "", gold), lambda gold: gold.replace("^\\circ", ""),
        lambda gold: re.sub(r"\\sqrt\{(\d)\}", r"\\sqrt\1", gold), lambda gold: re.sub(r"(\d)x", r"\1 \\cdot x", gold)]
OTHER = [lambda gold: re.sub(r"\d(?=\D*$)", lambda digit: str((int(digit[0]) + 1) % 10), gold), lambda gold: "-" + gold,
         lambda gold: gold.replace("+", "-") if "+" in gold else gold.replace("-", "+"), lambda gold: gold.replace("\\pi", ""),
         lambda gold: gold.translate(str.maketrans("[](", "()[")), lambda gold: gold.replace("\\frac{1", "\\frac{2"),
         lambda gold: gold.split(",")[0], lambda gold: gold + "0", lambda gold: "x" + gold]
NUMBER = r"-?(\d[\d{,}.]*|\\frac\{\d+\}\{\d+\})(\\%|\^\\circ|\\text\{.*\}(\^\d)?)?"


def formulas(rows, dice):
    while True:
        row = dice.choice(rows)
        gold = boxed(row["solution"])
        form = dice.choice(SAME if dice.random() < 0.5 else OTHER)
        family = "math" if re.fullmatch(NUMBER, gold) else "free"
        yield {"family": family, "problem": row, "answer": dice.choice(STATEMENTS).format(form(gold))}


def boxed(text):
    return text[text.rindex("\\boxed{") + len("\\boxed{"):text.rindex("}$")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("family", choices=["ifeval", "code", "calls", "formulas"])
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ref", action="store_true", help="name the rows instead of repeating them; rows of one instruction only")
    options = parser.parse_args()
    dice = random.Random(options.seed)
    rows = read(options.data)
    if options.family == "calls":
        made = calls(rows, dice, read(options.data.with_name(f"possible_answer.{options.data.name}")))
    else:
        made = {"ifeval": ifeval, "code": code, "formulas": formulas}[options.family](rows, dice)
    for _ in range(options.count):
        line = {"family": options.family, **next(made)}
        if options.ref:
            ref = f"{options.data}#{number_of(line, rows)}"
            line = {"family": options.family, "ref": ref, "answer": line["answer"]}
        print(json.dumps(line, ensure_ascii=False))


def number_of(line, rows):
    """Returns the number of the row that a line is about."""
    return next(n for n, row in enumerate(rows) if all(row[key] == value for key, value in line["problem"].items()))


def read(path):
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


if __name__ == "__main__":
    main()
