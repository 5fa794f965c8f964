"""Where the golden numbers of tests/metrics.rs come from: score files and what numpy, scipy and scikit-learn make of them.

    python golden.py      writes *.csv and golden.json beside itself

Made with numpy 2.4.6, scipy 1.17.1 and scikit-learn 1.9.1. Rates are means of comparisons, AUC is roc_auc_score, points
of the curve those of roc_curve without anything dropped, intervals those of binomtest. Scores are live-high.
"""
import csv
import json
import math
import pathlib

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score, roc_curve

HERE = pathlib.Path(__file__).parent
SPECIES = ("print", "replay", "mask")


def draw(seed, live, attacks, gap, digits=None):
    rng = np.random.default_rng(seed)
    rows = [("", s) for s in rng.normal(gap, 1.0, live)]
    rows += [(SPECIES[i % 3], s + 0.4 * (i % 3)) for i, s in enumerate(rng.normal(0.0, 1.0, attacks))]
    return [(kind, float(s) if digits is None else round(float(s), digits) + 0.0) for kind, s in rows]


def write(name, rows):
    with open(HERE / f"{name}.csv", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["claimed_id", "test_label", "is_bonafide", "attack_type", "sample_n", "score"])
        for i, (kind, score) in enumerate(rows):
            table.writerow([i % 23, f"clip{i:03}", kind == "", kind, 0, repr(score)])


def arrays(rows):
    live = np.array([s for kind, s in rows if not kind])
    attacks = {k: np.array([s for kind, s in rows if kind == k]) for k in SPECIES}
    return live, {k: v for k, v in attacks.items() if len(v)}


def candidates(rows):
    """(threshold, FAR, FRR) at midpoints of distinct scores and both infinities, from roc_curve's points."""
    labels, scores = [not kind for kind, _ in rows], [s for _, s in rows]
    far, tpr, at = roc_curve(labels, scores, drop_intermediate=False)
    distinct = sorted(set(scores))
    # A point "score >= t" of the curve stands for every threshold above the next lower score.
    below = {t: (distinct[i - 1] + t) / 2 if i else -math.inf for i, t in enumerate(distinct)}
    return [(below.get(t, math.inf), f, 1 - r) for t, f, r in zip(at, far, tpr)]


def exact(counts, far, frr):
    """Rates as whole numbers over one denominator, so that equal ones are equal."""
    live, attacks = counts
    return round(far * attacks) * live, round(frr * live) * attacks


def choose(rows, rule):
    live, attacks = arrays(rows)
    counts = len(live), sum(map(len, attacks.values()))

    def key(point):
        far, frr = exact(counts, point[1], point[2])
        first, second = abs(far - frr), far + frr
        return (first, second, point[0]) if rule == "eer" else (second, first, point[0])

    return min(candidates(rows), key=key)


def interval(errors, total):
    ci = binomtest(int(errors), int(total)).proportion_ci(0.95, "exact")
    return [ci.low, ci.high]


def bob_threshold(scores, ceiling):
    """bob's far_threshold: the smallest score of an attack at which at most `ceiling` of them are accepted."""
    fit = [t for t in sorted(set(scores)) if np.mean(scores >= t) <= ceiling]
    return fit[0] if fit else np.nextafter(max(scores), np.inf)


def expected(rows, threshold):
    live, attacks = arrays(rows)
    out = {"n_live": len(live), "n_attack": sum(map(len, attacks.values())), "ci": {"apcer": {}}, "apcer": {}}
    rejected = int(np.sum(live < threshold))
    accepted = {k: int(np.sum(v >= threshold)) for k, v in attacks.items()}
    keys = ["bpcer", "apcer_max", "apcer_pooled", "acer_max", "acer_pooled", "hter", "eer", "auc"]
    out |= dict.fromkeys(keys)
    if len(live):
        out["bpcer"], out["ci"]["bpcer"] = rejected / len(live), interval(rejected, len(live))
    if attacks:
        for k, v in attacks.items():
            out["apcer"][k], out["ci"]["apcer"][k] = accepted[k] / len(v), interval(accepted[k], len(v))
        out["apcer_max"] = max(out["apcer"].values())
        out["apcer_pooled"] = sum(accepted.values()) / out["n_attack"]
        out["ci"]["apcer_pooled"] = interval(sum(accepted.values()), out["n_attack"])
    if len(live) and attacks:
        out["acer_max"] = (out["apcer_max"] + out["bpcer"]) / 2
        out["acer_pooled"] = out["hter"] = (out["apcer_pooled"] + out["bpcer"]) / 2
        _, far, frr = choose(rows, "eer")
        out["eer"] = (far + frr) / 2
        out["auc"] = roc_auc_score([not kind for kind, _ in rows], [s for _, s in rows])
        points = candidates(rows)
        out["tpr_at_fpr"] = [[x, max(1 - frr for _, far, frr in points if far <= x)] for x in FPRS]
        at = {x: max(bob_threshold(v, x) for v in attacks.values()) for x in APCERS}
        out["bpcer_at_apcer"] = [[x, float(np.mean(live < t))] for x, t in at.items()]
    return out


FPRS = (0.1, 0.05, 0.01, 0.001, 0.0001)
APCERS = (0.1, 0.05, 0.01)

SETS = {
    "random": draw(1, 151, 212, 2.0),
    "dev": draw(2, 90, 120, 1.9),
    "tied": draw(3, 80, 130, 1.5, digits=1),
    "separated": draw(4, 40, 60, 12.0),
    "only_live": [r for r in draw(5, 30, 6, 1.0) if not r[0]],
    "only_attacks": [r for r in draw(6, 6, 30, 1.0) if r[0]],
}

cases = []
for name, rows in SETS.items():
    write(name, rows)
    rules = {"fixed:1.0": (1.0, None)}
    if name not in ("only_live", "only_attacks"):
        rules["test_eer"] = choose(rows, "eer")[0], None
        rules["min_hter"] = choose(rows, "hter")[0], None
    rules["dev_eer"] = rules["train_eer"] = choose(SETS["dev"], "eer")[0], "dev"
    for rule, (threshold, other) in rules.items():
        cases.append({"test": name, "other": other, "rule": rule, "threshold": threshold, **expected(rows, threshold)})
(HERE / "golden.json").write_text(json.dumps(cases, indent=1) + "\n")
