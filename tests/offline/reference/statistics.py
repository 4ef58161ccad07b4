"""Writes statistics.json next to it: what scipy, statsmodels and scikit-learn make of random numbers.

`tests/offline/reference/mod.rs` holds `src/stats` to it. Run it again where a function is added:

    python3 -m venv venv && venv/bin/pip install scipy statsmodels scikit-learn
    venv/bin/python tests/offline/reference/statistics.py

Everything is drawn from one seed, so that the same versions write the same file. Where none of the libraries has a
function, it is counted out here another way: by going through all arrangements, or by summing a distribution.
"""

import itertools
import json
import pathlib

import numpy as np
import scipy
import sklearn
import statsmodels
import statsmodels.api as sm
from scipy import stats
from sklearn.linear_model import Lasso
from sklearn.metrics import roc_auc_score, roc_curve
from sklearn.preprocessing import StandardScaler
from statsmodels.sandbox.stats.runs import runstest_1samp
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.inter_rater import fleiss_kappa
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint
from statsmodels.tsa.stattools import acf

SEED = 20_260_101
rng = np.random.default_rng(SEED)


def numbers(values, digits=6):
    """Plain numbers, rounded before anything is computed of them."""
    return [round(float(value), digits) for value in values]


def wilson_cases():
    for n in [1, 2, 5, 9, 17, 60, 150, 400]:
        for confidence in [0.9, 0.95]:
            hits = int(rng.integers(0, n + 1))
            low, high = proportion_confint(hits, n, alpha=1 - confidence, method="wilson")
            yield {"hits": hits, "n": n, "confidence": confidence, "low": low, "high": high}


def mcnemar_cases():
    for most in [2, 5, 12, 40, 300, 3000]:
        for _ in range(4):
            b, c = (int(value) for value in rng.integers(0, most + 1, 2))
            if b + c > 0:
                yield {"b": b, "c": c, "p": mcnemar([[0, b], [c, 0]], exact=True).pvalue}


def holm_cases():
    for count in [1, 2, 3, 5, 8, 10, 10, 20]:
        p = numbers(rng.uniform(0, 1, count) ** 3)
        if count == 10:
            p[3] = p[7]
        yield {"p": p, "adjusted": list(multipletests(p, method="holm")[1])}


def bca_cases():
    """The last two are differences of right and wrong, as the lab has them: few values, so the bounds jump."""
    samples = [
        ("mean", rng.normal(0, 1, 30), None),
        ("mean", rng.exponential(1, 25), None),
        ("mean", rng.lognormal(0, 1, 40), None),
        ("mean", rng.uniform(0, 1, 12), None),
        ("deviation", rng.normal(0, 1, 40), None),
        ("deviation", rng.exponential(1, 40), None),
        ("deviation", rng.uniform(0, 1, 25), None),
        ("mean", rng.choice([-1, 0, 1], 60, p=[0.1, 0.6, 0.3]), 1 / 60),
        ("mean", rng.choice([-1, 0, 1], 150, p=[0.1, 0.8, 0.1]), 1 / 150),
    ]
    for statistic, sample, lattice in samples:
        values = numbers(sample)
        function = {"mean": np.mean, "deviation": lambda x, axis: np.std(x, axis=axis, ddof=1)}[statistic]
        found = stats.bootstrap(
            (np.array(values),), function, n_resamples=100_000, method="BCa", batch=10_000, rng=np.random.default_rng(1)
        ).confidence_interval
        yield {"statistic": statistic, "values": values, "lattice": lattice, "low": found.low, "high": found.high}


def auc_cases():
    """Every second one has ties. Areas are also those of the Mann-Whitney U."""
    for at, n in enumerate([4, 5, 8, 9, 20, 21, 50, 51, 120, 120]):
        labels = np.array([True, False] + list(rng.uniform(0, 1, n - 2) < 0.4))
        scores = numbers(rng.normal(0, 1, n) + labels * 0.8, 1 if at % 2 else 6)
        area = roc_auc_score(labels, scores)
        scores_of = [[s for s, l in zip(scores, labels) if l == wanted] for wanted in (True, False)]
        u = stats.mannwhitneyu(*scores_of).statistic / (labels.sum() * (~labels).sum())
        assert abs(area - u) < 1e-12
        false, true, _ = roc_curve(labels, scores, drop_intermediate=False)
        yield {"scores": scores, "labels": labels.tolist(), "auc": area, "youden": float(np.max(true - false))}


def power_cases():
    """The power of McNemar's test by summing the distribution of the two counts: with the statistic (b-c)^2/(b+c) against
    the normal distribution, which the formula approximates, and with the exact test, which is stricter."""
    z = stats.norm.ppf(0.975)
    for discordant, difference in [(0.3, 0.1), (0.2, 0.05), (0.15, 0.1), (0.5, 0.1), (0.4, 0.2)]:
        for n in [60, 150, 400]:
            normal = exact = 0.0
            for differing in range(1, n + 1):
                weight = stats.binom.pmf(differing, n, discordant)
                b = np.arange(differing + 1)
                chance = stats.binom.pmf(b, differing, (discordant + difference) / (2 * discordant))
                statistic = np.abs(2 * b - differing) / np.sqrt(differing)
                p = np.minimum(1, 2 * stats.binom.cdf(np.minimum(b, differing - b), differing, 0.5))
                normal += weight * chance[statistic > z].sum()
                exact += weight * chance[p < 0.05].sum()
            yield {"n": n, "discordant": discordant, "difference": difference, "normal": normal, "exact": exact}


def fleiss_cases():
    for things, raters, categories in [(5, 3, 2), (12, 5, 2), (40, 2, 2), (30, 4, 4), (10, 14, 5), (25, 3, 6)]:
        counts = rng.multinomial(raters, rng.dirichlet([1] * categories), things)
        lean = rng.multinomial(raters, np.eye(categories)[0], things)
        mixed = np.where(rng.uniform(0, 1, (things, 1)) < 0.4, lean, counts)
        yield {"counts": mixed.tolist(), "kappa": fleiss_kappa(mixed)}


def icc_cases():
    """Mean squares by statsmodels' analysis of variance, then Shrout and Fleiss's ICC(1,1) and F bounds."""
    for things, repeats, spread in [(6, 4, 0.5), (12, 3, 2.0), (30, 2, 1.0), (20, 5, 0.1)]:
        rows = [numbers(row) for row in rng.normal(rng.normal(0, spread, (things, 1)), 1, (things, repeats))]
        groups = np.repeat(np.arange(things), repeats)
        model = sm.OLS(np.concatenate(rows), sm.add_constant((groups[:, None] == np.arange(1, things)).astype(float)))
        fit = model.fit()
        f, within = fit.mse_model / fit.mse_resid, fit.mse_resid
        icc = lambda f: (f - 1) / (f + repeats - 1)
        above, below = things - 1, things * (repeats - 1)
        low = icc(f / stats.f.ppf(0.975, above, below))
        high = icc(f * stats.f.ppf(0.975, below, above))
        assert within > 0
        yield {"rows": rows, "icc": icc(f), "low": low, "high": high}


def runs_cases():
    """Long series by statsmodels' normal approximation, short ones by going through all arrangements."""
    for n in [60, 101, 150, 240]:
        for wave in [0.0, 1.0]:
            values = numbers(rng.normal(0, 1, n) + wave * np.sin(np.arange(n)))
            kept = np.array([value for value in values if value != np.median(values)])
            p = runstest_1samp(kept, cutoff=float(np.median(values)), correction=False)[1]
            yield {"values": values, "p": p, "exact": False}
    for n in [5, 6, 8, 9, 11, 14]:
        values = numbers(rng.normal(0, 1, n))
        above = [value > np.median(values) for value in values if value != np.median(values)]
        count = lambda sides: 1 + sum(a != b for a, b in itertools.pairwise(sides))
        all_counts = []
        for places in itertools.combinations(range(len(above)), sum(above)):
            all_counts.append(count([at in places for at in range(len(above))]))
        all_counts = np.array(all_counts)
        tail = min((all_counts <= count(above)).mean(), (all_counts >= count(above)).mean())
        yield {"values": values, "p": min(1.0, 2 * tail), "exact": True}


def signs_cases():
    """The exact p of flipping signs, over all of them."""
    for n in [6, 10, 14]:
        for _ in range(2):
            differences = rng.choice([-1, -0.5, 0, 0.5, 1], n, p=[0.1, 0.15, 0.25, 0.25, 0.25])
            if not differences.any():
                continue
            found = stats.permutation_test(
                (differences,), np.sum, permutation_type="samples", n_resamples=np.inf, alternative="two-sided"
            )
            yield {"differences": differences.tolist(), "p": min(1.0, found.pvalue)}


def memory_cases():
    """Autocorrelations by statsmodels, summed in pairs up to the first negative one."""
    for n, keep in [(40, 0.0), (80, 0.6), (200, 0.9), (60, -0.4)]:
        series = [0.0]
        for shock in rng.normal(0, 1, n - 1):
            series.append(keep * series[-1] + shock)
        series = numbers(series)
        rho = acf(series, nlags=n - 1, adjusted=False, fft=False)
        pairs = [rho[2 * m] + rho[2 * m + 1] for m in range(n // 2)]
        time = 2 * sum(itertools.takewhile(lambda pair: pair >= 0, pairs)) - 1
        yield {"series": series, "time": max(time, 1 / n)}


def lasso_cases():
    for n, width, alpha in [(32, 4, 0.01), (64, 8, 0.05), (20, 3, 0.3)]:
        rows = rng.integers(0, 2, (n, width)).astype(float)
        targets = numbers(rows @ rng.normal(0, 2, width) + rng.normal(0, 0.3, n))
        fit = Lasso(alpha=alpha, tol=1e-13, max_iter=100_000).fit(StandardScaler().fit_transform(rows), targets)
        yield {"rows": rows.tolist(), "targets": targets, "alpha": alpha, "weights": fit.coef_.tolist()}


def student_cases():
    for n in [2, 3, 10, 50]:
        values = numbers(rng.normal(3, 2, n))
        for confidence in [0.9, 0.95]:
            low, high = stats.t.interval(confidence, n - 1, loc=np.mean(values), scale=stats.sem(values))
            yield {"values": values, "confidence": confidence, "low": low, "high": high}


def deviation_cases():
    for n in [1, 4, 20, 90]:
        values = numbers(rng.normal(0, 0.7, n))
        squares = float(np.sum(np.square(values)))
        low, high = (np.sqrt(squares / stats.chi2.ppf(share, n)) for share in (0.975, 0.025))
        yield {"values": values, "low": low, "high": high}


def slope_cases():
    for n in [4, 12, 60]:
        x, y = numbers(rng.normal(0, 3, n)), numbers(rng.normal(0, 1, n))
        fit = stats.linregress(x, y)
        half = stats.t.ppf(0.975, n - 2) * fit.stderr
        yield {"x": x, "y": y, "slope": fit.slope, "low": fit.slope - half, "high": fit.slope + half}


def quantile_cases():
    for n in [1, 2, 9, 40]:
        values = numbers(rng.normal(0, 1, n))
        for share in [0.025, 0.5, 0.8]:
            yield {"values": values, "share": share, "quantile": np.quantile(values, share)}


def normal_cases():
    for z in [-8.0, -5.0, -1.96, -0.3, 0.0, 0.7, 2.5758, 4.0]:
        yield {"z": z, "probability": stats.norm.cdf(z)}


def variance_cases():
    """The variance of right and wrong within problems is the mean of numpy's variances with the divisor S - 1."""
    for problems, runs in [(3, 5), (20, 6), (50, 2)]:
        marks = rng.uniform(0, 1, (problems, runs)) < rng.uniform(0, 1, (problems, 1))
        right = [int(count) for count in marks.sum(axis=1)]
        yield {"right": right, "runs": runs, "variance": marks.astype(float).var(axis=1, ddof=1).mean()}


def plain(value):
    """What json can write."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, np.generic):
        return value.item()
    return value


def main():
    made = {name.removesuffix("_cases"): [plain(case) for case in make()] for name, make in GROUPS}
    versions = {module.__name__: module.__version__ for module in (np, scipy, statsmodels, sklearn)}
    write = lambda value: json.dumps(value, allow_nan=False)
    lists = [f'  {write(name)}: [\n   ' + ",\n   ".join(map(write, cases)) + "\n  ]" for name, cases in made.items()]
    head = f'{{\n "seed": {SEED},\n "versions": {write(versions)},\n "cases": {{\n'
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(head + ",\n".join(lists) + "\n }\n}\n")
    print(f"{path}: {sum(map(len, made.values()))} cases")


GROUPS = [(name, make) for name, make in list(globals().items()) if name.endswith("_cases")]

if __name__ == "__main__":
    main()
