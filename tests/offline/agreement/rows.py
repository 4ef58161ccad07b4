#!/usr/bin/env python3
"""Writes problems whose answers are formulas, in the format of MATH: problem, solution with \\boxed{...}.

usage: rows.py [COUNT] > rows.jsonl

The rows are the same each time. Gold answers take the forms that word problems do not: fractions, mixed numbers, roots,
multiples of pi, expressions, factored forms, intervals, lists, points, numbers in another base, units, and words.
"""
import json
import random
import sys
from fractions import Fraction

rng = random.Random(20)


def frac(value):
    if value.denominator == 1:
        return str(value.numerator)
    sign = "-" if value < 0 else ""
    return f"{sign}\\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"


def sum_of_fractions():
    a, b = Fraction(rng.randint(1, 9), rng.randint(2, 9)), Fraction(rng.randint(1, 9), rng.randint(2, 9))
    return f"Compute ${frac(a)} + {frac(b)}$. Give the answer as a common fraction.", frac(a + b)


def percent():
    a, b = rng.choice([(3, 4), (2, 5), (7, 8), (1, 20), (9, 10), (3, 25)])
    return f"Write $\\frac{{{a}}}{{{b}}}$ as a percentage.", f"{100 * a / b:g}\\%"


def quadratic():
    a, b = rng.randint(-6, 9), rng.randint(-6, 9)
    roots = sorted({a, b})
    text = f"x^2 {-(a + b):+d}x {a * b:+d}".replace("+0x ", "").replace(" +0", "")
    return (f"Find all solutions of ${text} = 0$. Separate them with commas.", ", ".join(map(str, roots)))


def circle():
    r = rng.randint(2, 12)
    return f"A circle has radius {r}. What is its area, in terms of $\\pi$?", f"{r * r}\\pi"


def root():
    k, m = rng.randint(2, 6), rng.choice([2, 3, 5, 6, 7])
    return f"Simplify $\\sqrt{{{k * k * m}}}$.", f"{k}\\sqrt{{{m}}}"


def expand():
    a, b = rng.randint(1, 8), rng.randint(-8, -1)
    middle = f"{a + b:+d}x".replace("+1x", "+x").replace("-1x", "-x") if a + b else ""
    return f"Expand $(x + {a})(x - {-b})$.", f"x^2{middle}{a * b:+d}"


def factor():
    a = rng.randint(2, 9)
    return f"Factor $x^2 - {a * a}$.", f"(x-{a})(x+{a})"


def domain():
    a = rng.randint(-5, 9)
    return f"What is the domain of $f(x) = \\sqrt{{x {-a:+d}}}$? Use interval notation.", f"[{a},\\infty)"


def inequality():
    a, b = rng.randint(-6, 2), rng.randint(3, 9)
    return f"For which $x$ is ${a} < x - 1 \\le {b}$? Use interval notation.", f"({a + 1},{b + 1}]"


def midpoint():
    a, b, c, d = (rng.randint(-6, 9) for _ in range(4))
    x, y = Fraction(a + c, 2), Fraction(b + d, 2)
    return (f"What is the midpoint of the segment from $({a}, {b})$ to $({c}, {d})$? Write an ordered pair.",
            f"\\left({frac(x)},{frac(y)}\\right)")


def base():
    n, b = rng.randint(9, 60), rng.choice([2, 3, 4, 5])
    digits, rest = "", n
    while rest:
        digits, rest = str(rest % b) + digits, rest // b
    return f"Write the number {n} in base {b}.", f"{digits}_{{{b}}}"


def large():
    a, b = rng.randint(101, 999), rng.randint(11, 99)
    return f"What is ${a} \\cdot {b}$?", f"{a * b:,}".replace(",", "{,}")


def cube():
    a = rng.randint(2, 9)
    return f"A cube has an edge of {a} centimeters. What is its volume?", f"{a ** 3}\\text{{ cm}}^3"


def angle():
    a, b = rng.randint(20, 80), rng.randint(20, 80)
    return f"Two angles of a triangle are ${a}^\\circ$ and ${b}^\\circ$. What is the third?", f"{180 - a - b}^\\circ"


def line():
    m, b = rng.randint(2, 7), rng.randint(1, 9)
    return f"What is the equation of the line with slope {m} and $y$-intercept {b}?", f"y = {m}x + {b}"


def weekday():
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    start, later = rng.randrange(7), rng.randint(8, 40)
    return (f"Today is {days[start]}. Which day of the week is it in {later} days?",
            f"\\text{{{days[(start + later) % 7]}}}")


def choice():
    a, b = rng.randint(2, 9), rng.randint(2, 9)
    options = [a + b, a * b, a * b + a, abs(a - b)]
    rng.shuffle(options)
    letters = "ABCD"
    listed = " ".join(f"\\text{{({letter})}} {value}" for letter, value in zip(letters, options))
    return f"What is ${a} \\cdot {b}$? {listed}", f"\\text{{({letters[options.index(a * b)]})}}"


def probability():
    total = rng.randint(6, 16)
    part = rng.randint(1, total - 1)
    return (f"A bag holds {part} red and {total - part} blue marbles. What is the probability of drawing a red one? "
            "Give a common fraction.", frac(Fraction(part, total)))


def main():
    kinds = [sum_of_fractions, percent, quadratic, circle, root, expand, factor, domain, inequality, midpoint, base,
             large, cube, angle, line, weekday, choice, probability]
    for at in range(int(sys.argv[1]) if len(sys.argv) > 1 else 180):
        problem, gold = kinds[at % len(kinds)]()
        print(json.dumps({"problem": problem, "solution": f"So the answer is $\\boxed{{{gold}}}$."}))


main()
