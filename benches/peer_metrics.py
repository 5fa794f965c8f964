#!/usr/bin/env python3
"""Metrics of a score file the way a researcher's script has them: numpy, scipy, scikit-learn.

    python3 peer_metrics.py SCORES.csv DRAWS

It is the peer of `metafas metrics`: at the test set's equal error threshold APCER of each species, worst and pooled,
BPCER, ACER, HTER, EER, AUC, TPR at five FPRs and Clopper-Pearson intervals; then DRAWS draws of a bootstrap over
subjects. Prints one JSON object: seconds of reading, of metrics and of a draw, and the numbers.
"""
import csv, json, sys, time

import numpy as np
from scipy.stats import beta
from sklearn.metrics import roc_auc_score, roc_curve

start = time.perf_counter()
with open(sys.argv[1], newline="") as file:
    rows = csv.reader(file)
    next(rows)
    subject, _, live, species, _, score = zip(*rows)
live = np.array(live) == "True"
subject, species, score = np.array(subject), np.array(species), np.array(score, dtype=float)
read = time.perf_counter() - start


def clopper_pearson(k, n):
    low = 0.0 if k == 0 else beta.ppf(0.025, k, n - k + 1)
    high = 1.0 if k == n else beta.ppf(0.975, k + 1, n - k)
    return [low, high]


def curve(live, score):
    fpr, tpr, at = roc_curve(live, score, drop_intermediate=False)
    best = np.argmin(np.abs(fpr - (1 - tpr)))
    return fpr, tpr, at[best], (fpr[best] + 1 - tpr[best]) / 2


def metrics(live, species, score):
    fpr, tpr, threshold, eer = curve(live, score)
    accepted = score >= threshold
    kinds, place = np.unique(species[~live], return_inverse=True)
    total = np.bincount(place)
    wrong = np.bincount(place, weights=accepted[~live])
    rejected = int(np.sum(~accepted[live]))
    apcer, bpcer = wrong / total, rejected / live.sum()
    pooled = wrong.sum() / total.sum()
    return {
        "eer": eer,
        "auc": roc_auc_score(live, score),
        "apcer": dict(zip(kinds.tolist(), apcer.tolist())),
        "bpcer": bpcer,
        "acer_max": (apcer.max() + bpcer) / 2,
        "hter": (pooled + bpcer) / 2,
        "tpr": [float(tpr[fpr <= x].max()) for x in (0.1, 0.05, 0.01, 0.001, 0.0001)],
        "ci": [clopper_pearson(int(k), int(n)) for k, n in zip(wrong, total)]
        + [clopper_pearson(int(wrong.sum()), int(total.sum())), clopper_pearson(rejected, int(live.sum()))],
    }


start = time.perf_counter()
numbers = metrics(live, species, score)
seconds = time.perf_counter() - start

start = time.perf_counter()
rng = np.random.default_rng(0)
order = np.argsort(subject, kind="stable")
names, first = np.unique(subject[order], return_index=True)
rows_of = np.split(order, first[1:])
draws = int(sys.argv[2])
for _ in range(draws):
    rows = np.concatenate([rows_of[i] for i in rng.integers(len(names), size=len(names))])
    curve(live[rows], score[rows])
    roc_auc_score(live[rows], score[rows])
draw = (time.perf_counter() - start) / draws

print(json.dumps({"read": read, "seconds": seconds, "draw": draw, "auc": numbers["auc"], "eer": numbers["eer"]}, default=float))
