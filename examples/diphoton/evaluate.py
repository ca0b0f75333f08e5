#!/usr/bin/env python3
"""Scores the test part with kaon and with the trainers; prints the figures of README.md and draws figures/.

Ends with 1 where a score of kaon's differs from its trainer's by more than 1e-6.
"""

import argparse
import pathlib
import sys
import tempfile

try:
    import kaon
    import lightgbm
    import numpy as np
    import xgboost
    from kaon.classification import roc
    from kaon.plots import figure
except ImportError as error:
    sys.exit(f"evaluate.py: the Python package '{error.name}' is missing; pip install -r requirements.txt")

import sample
from categories import best_boundaries, category_of, combined, window_of
from observables import FEATURES, MASS_MAX, MASS_MIN
from train import xgboost_scores

TOLERANCE = 1e-6
NAMES = {"xgboost": "XGBoost", "lightgbm": "LightGBM"}


def trained_scores(model, features):
    """Scores float64 (events) of both trainers, by name."""
    first = xgboost.Booster(model_file=str(model / "xgboost.ubj"))
    first.set_param("nthread", 1)
    second = lightgbm.Booster(model_file=str(model / "lightgbm.txt"))
    return {"xgboost": xgboost_scores(first, features), "lightgbm": second.predict(features, num_threads=1)}


def kaon_scores(model, features):
    """Scores float32 (events) of both forests, converted, compiled and run."""
    scores = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name, file in (("xgboost", "xgboost.ubj"), ("lightgbm", "lightgbm.txt")):
            package = kaon.convert(model / file, pathlib.Path(scratch) / name)
            scores[name] = kaon.run(package.directory, features)[package.graph.outputs[0].name][:, 0]
    return scores


def boundaries_of(model):
    """The boundaries of categories.hpp, by trainer."""
    lines = (model / "categories.hpp").read_text().splitlines()
    rows = [line for line in lines if "_boundaries[] = {" in line]
    return {row.split("float ")[1].split("_")[0]: [float(part.strip().rstrip("F")) for part in row.split("{")[1].split("}")[0].split(",")]
            for row in rows}


def significance_table(name, scores, events, boundaries):
    """Prints a row a category; returns the significance of all together."""
    place = category_of(scores, boundaries)
    windows = [window_of(events[place == number]) for number in range(len(boundaries) + 1)]
    print(f"\n{NAMES[name]}\n\n| category | score | signal | half width (GeV) | S | B | S/(S+B) | significance |\n|---|---|---|---|---|---|---|---|")
    ends = [1.0, *boundaries, 0.0]
    total = events.expected[events.signal].sum()
    for number, window in enumerate(windows):
        part = events.expected[events.signal & (place == number)].sum() / total
        print(f"| {number} | {ends[number + 1]:.3f} to {ends[number]:.3f} | {part:.1%} | {window.half_width:.2f} | {window.signal:,.0f} | "
              f"{window.continuum:,.0f} | {window.signal / (window.signal + window.continuum):.3f} | {window.significance:.2f} |")
    print(f"\nall together: {combined(windows):.2f}")
    return combined(windows)


def draw_roc(path, curves):
    with figure(path, 6, 5) as drawn:
        axes = drawn.subplots()
        for name, curve in curves.items():
            axes.plot(curve.efficiency, 1 - curve.mistag, linewidth=2, label=f"{name}, AUC = {curve.auc:.4f}", linestyle="-" if "kaon" in name else ":")
        axes.set_xlabel("signal efficiency")
        axes.set_ylabel("rejection of the continuum")
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.legend(loc="lower left")


def draw_categories(path, events, place, count):
    """The mass of signal and continuum in each category, each normalised: what the classifier does to it."""
    with figure(path, 10, 4.5) as drawn:
        left, right = drawn.subplots(1, 2)
        for number in range(count):
            inside = place == number
            left.hist(events.mass[inside & events.signal], bins=60, range=(115, 135), density=True, histtype="step", linewidth=1.5, label=f"category {number}")
            right.hist(events.mass[inside & ~events.signal], bins=20, range=(MASS_MIN, MASS_MAX), density=True, histtype="step", linewidth=1.5)
        left.set_title("signal", fontsize=11, loc="right")
        right.set_title("continuum", fontsize=11, loc="right")
        for axes in (left, right):
            axes.set_xlabel("mass of the photon pair (GeV)")
            axes.set_ylabel("normalised")
        left.legend(loc="upper left", fontsize=9)


def main():
    here = pathlib.Path(__file__).parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, default=here / "data")
    arguments = parser.parse_args()
    model, figures = here / "model", here / "figures"
    part = sample.load(arguments.data)
    events = part["test"]
    print(f"test part: signal {events.signal.sum()}, continuum {(~events.signal).sum()}; of {sample.LUMINOSITY / 1e3:g}/fb that is "
          f"{events.expected[events.signal].sum():,.0f} and {events.expected[~events.signal].sum():,.0f} expected")
    theirs, ours = trained_scores(model, events.features), kaon_scores(model, events.features)
    worst = {name: float(np.abs(ours[name] - theirs[name]).max()) for name in ours}
    for name, difference in worst.items():
        print(f"{NAMES[name]}: kaon's scores differ from its own by up to {difference:.1e}")

    curves = {}
    for name in ours:
        curves[f"{NAMES[name]} by kaon"] = roc("signal", ours[name].astype(np.float64), events.signal)
        curves[f"{NAMES[name]} itself"] = roc("signal", np.asarray(theirs[name], np.float64), events.signal)
    for name, curve in curves.items():
        print(f"{name}: AUC {curve.auc:.5f}")
    figures.mkdir(exist_ok=True)
    draw_roc(figures / "roc.png", curves)

    alone = window_of(events)
    print(f"\nno categories: half width {alone.half_width:.2f} GeV, S {alone.signal:,.0f}, B {alone.continuum:,.0f}, significance {alone.significance:.2f}")
    boundaries = boundaries_of(model)
    for name in ours:
        significance_table(name, ours[name], events, boundaries[name])
    # What of it the resolution alone would give: categories of sigma_m / m, right or wrong vertex by probability.
    resolution = {}
    for which, chosen in (("validation", part["validation"]), ("test", events)):
        right, wrong, probability = (chosen.features[:, FEATURES.index(name)] for name in ("sigma_right", "sigma_wrong", "vertex_probability"))
        resolution[which] = -(probability * right + (1 - probability) * wrong)
    place = category_of(resolution["test"], best_boundaries(resolution["validation"], part["validation"]))
    print(f"\ncategories of the mean resolution alone: {combined([window_of(events[place == n]) for n in range(place.max() + 1)]):.2f}")
    place = category_of(ours["xgboost"], boundaries["xgboost"])
    draw_categories(figures / "categories.png", events, place, len(boundaries["xgboost"]) + 1)
    if max(worst.values()) > TOLERANCE:
        sys.exit("evaluate.py: kaon and a trainer disagree")


if __name__ == "__main__":
    main()
