#!/usr/bin/env python3
"""Trains 100 trees of depth 4 that tell top quarks' jets from others, on the first half of ../sample.csv.gz; writes forest.json.

XGBoost trains them, conifer writes the file, with the fixed-point types of its configuration. Prints the area under the curve of true
against false positives in the second half. Needs xgboost-cpu 3.2.0, conifer 1.11 and pandas 3.1.1, which conifer reads XGBoost with.
"""

import json
import os
import pathlib
import tempfile

import numpy as np
import xgboost
from conifer.converters import convert_from_xgboost

from accuracy import area_under_curve
from jets import CLASSES, HERE, sample, scaled

TREES, DEPTH = 100, 4
TYPES = {"InputPrecision": "ap_fixed<16,6>", "ThresholdPrecision": "ap_fixed<16,6>", "ScorePrecision": "ap_fixed<16,6>"}

names, features, labels = sample()
half = len(labels) // 2
events, top = scaled(names, features).astype(np.float32), labels == CLASSES.index("t")
parameters = {"objective": "binary:logistic", "max_depth": DEPTH, "eta": 0.1, "base_score": 0.5, "seed": 1804, "nthread": 1}
booster = xgboost.train(parameters, xgboost.DMatrix(events[:half], top[:half], feature_names=names), TREES)

with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    configuration = {"Backend": "cpp", "ProjectName": "top_forest", "OutputDir": folder, **TYPES}
    convert_from_xgboost(booster, configuration).save(f"{folder}/forest.json")
    forest = json.loads(pathlib.Path(folder, "forest.json").read_text())
del forest["metadata"]  # where and when
forest["config"]["output_dir"] = "top_forest"
trees = forest.pop("trees")
for [tree] in trees:
    del tree["weight"]  # one 1 for each node: of oblique splits, which these are not
head = json.dumps(forest)[:-1]
rows = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in trees)
(HERE / "forest.json").write_text(f'{head}, "trees": [\n{rows}\n]}}\n')


margins = booster.predict(xgboost.DMatrix(events[half:], feature_names=names), output_margin=True)
print(f"AUC {area_under_curve(margins, top[half:]):.4f} on {len(margins)} jets")
