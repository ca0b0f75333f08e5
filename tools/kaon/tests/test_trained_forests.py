"""Forests trained here by XGBoost, LightGBM, CatBoost and scikit-learn, on and around each of their thresholds: no wrong leaf."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest

import kaon
import trained
from kaon import importers, passes
from kaon.error import Refused
from kaon.evaluate import evaluate
from kaon.golden import inputs
from kaon.graph import Graph
from kaon.importers.sklearn import read_estimator
from kaon.reference import source_outputs
from many_compiled import ROWS, avx2, write_events, wrong

PARTS = 1000
"""Events on and around thresholds; those of the training come to them."""
COMPILED = {
    *("xgboost_categories_ubj", "xgboost_vectors_ubj", "xgboost_poisson_ubj", "xgboost_dart_classes_ubj"),
    *("lightgbm_categories", "lightgbm_entropy_lambda", "catboost_nan_max", "catboost_depth_wise"),
    *("sklearn_histogram_categories", "sklearn_boosted", "sklearn_isolation"),
}


def sums(graph: Graph, x: np.ndarray) -> np.ndarray:
    alone = copy.deepcopy(graph)
    alone.nodes = alone.nodes[:1]
    alone.outputs[0].name = alone.nodes[0].output
    return evaluate(alone, {"features": x})[alone.nodes[0].output]


def leaves(graph: Graph) -> float:
    """Returns the sum of the largest absolute leaf of every tree."""
    tensors = graph.nodes[0].tensors
    ends = [*tensors["roots"][1:].tolist(), len(tensors["features"])]
    leaf = tensors["features"] == -1
    values = np.zeros(len(leaf))
    values[leaf] = np.abs(tensors["leaves"]).max(axis=1) if "leaves" in tensors else np.abs(tensors["values"][leaf])
    return sum(values[a:b].max() for a, b in zip(tensors["roots"].tolist(), ends))


def events_for(graph: Graph) -> np.ndarray:
    return np.concatenate([inputs(graph, PARTS, 7)["features"], trained.events().x])


@pytest.fixture(scope="module")
def fitted(tmp_path_factory) -> dict[str, list[trained.Trained]]:
    """All models of the trainers that are installed."""
    folder = tmp_path_factory.mktemp("catboost")
    makers = {
        "xgboost": (trained.xgboost_models, ("xgboost",)),
        "lightgbm": (trained.lightgbm_models, ("lightgbm",)),
        "catboost": (lambda: trained.catboost_models(folder), ("catboost", "pandas", "six")),
    }
    return {name: list(make()) for name, (make, modules) in makers.items() if trained.installed(*modules)}


def of(fitted: dict[str, list[trained.Trained]], trainer: str) -> list[trained.Trained]:
    if trainer not in fitted:
        pytest.skip(f"{trainer} is not installed")
    return fitted[trainer]


@pytest.mark.parametrize("trainer", ["xgboost", "lightgbm", "catboost"])
def test_trained(tmp_path, fitted, trainer):
    path = tmp_path / "model"
    for model in of(fitted, trainer):
        path.write_bytes(model.source)
        graph = importers.read(path).graph
        passes.run(graph)
        x = events_for(graph)
        assert np.abs(sums(graph, x) - model.margins(x)).max() < 1e-6 * leaves(graph), model.name
        own = model.predictions(x)
        assert (np.abs(evaluate(graph, {"features": x})["result"] - own) / np.maximum(1, np.abs(own))).max() < 3e-6, model.name


LIMITS = {"xgboost": 1e-6, "lightgbm": 1e-12, "catboost": 1e-12}
"""Of the sum of absolute leaves: XGBoost adds in float32."""


@pytest.mark.parametrize("trainer", LIMITS)
def test_trained_in_double(tmp_path, fitted, trainer):
    """Features of float64, on thresholds and on the next float64 beside them: each goes where the trainer sends it."""
    path = tmp_path / "model"
    for model in of(fitted, trainer):
        path.write_bytes(model.source)
        graph = importers.read(path).graph
        passes.run(graph, "double")
        assert graph.nodes[0].tensors["values"].dtype == np.float64
        x = inputs(graph, PARTS, 7)["features"]
        assert x.dtype == np.float64 and (x != x.astype(np.float32)).any()
        assert np.abs(sums(graph, x) - model.margins(x)).max() < LIMITS[trainer] * leaves(graph), model.name


@pytest.fixture(scope="module")
def estimators() -> list[tuple[str, object, str]]:
    if not trained.installed("sklearn"):
        pytest.skip("scikit-learn is not installed")
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # small fits: more threads wait for each other
        return list(trained.sklearn_models())


def test_sklearn(estimators):
    for name, estimator, method in estimators:
        graph, chosen, _ = read_estimator(estimator, method)
        passes.run(graph)
        x = events_for(graph)
        if "missing_left" not in graph.nodes[0].tensors:
            x = x[~np.isnan(x).any(axis=1)]
        if "sets" in graph.nodes[0].tensors:  # to scikit-learn 2.5 is no category
            x[:, -1] = np.trunc(x[:, -1])
        own = trained.two_axes(getattr(estimator, chosen)(x.astype(np.float64)))
        assert len(x) >= PARTS and np.abs(evaluate(graph, {"features": x})["result"] - own).max() < 2e-6 * max(1, np.abs(own).max()), name


def test_sklearn_in_double(estimators):
    for name, estimator, method in estimators:
        graph, chosen, _ = read_estimator(estimator, method)
        passes.run(graph, "double")
        x = inputs(graph, PARTS // 2, 7)["features"]
        if "missing_left" not in graph.nodes[0].tensors:
            x = x[~np.isnan(x).any(axis=1)]
        if "sets" in graph.nodes[0].tensors:
            x[:, -1] = np.trunc(x[:, -1])
        own = trained.two_axes(getattr(estimator, chosen)(x))
        assert np.abs(evaluate(graph, {"features": x})["result"] - own).max() < 1e-12 * max(1, np.abs(own).max()), name


def test_sklearn_refused(random):
    from sklearn import ensemble, linear_model, tree
    from sklearn.decomposition import PCA
    from sklearn.pipeline import make_pipeline

    x, y = random.normal(size=(60, 3)), random.integers(0, 2, 60)
    few = {"n_estimators": 2}
    texts = np.array(["a", "b"], object)[y]
    mixed = np.concatenate([x.astype(object), texts[:, None]], axis=1)
    cases = [
        (tree.DecisionTreeClassifier(), None, "not fitted"),
        (tree.DecisionTreeClassifier().fit(x, np.stack([y, y], axis=1)), None, "2 outputs with classes of their own"),
        (ensemble.GradientBoostingClassifier(init=linear_model.LogisticRegression(), **few).fit(x, y), None, "its first estimator is a LogisticRegression"),
        (ensemble.AdaBoostClassifier(linear_model.LogisticRegression(), **few).fit(x, y), None, "something else than trees"),
        (ensemble.AdaBoostRegressor(**few).fit(x, y), None, "AdaBoostRegressor: it is not supported"),
        (ensemble.RandomForestClassifier(**few).fit(x, y), "decision_function", "it has no such numbers"),
        (ensemble.IsolationForest(**few).fit(x), "predict", "it has no such numbers"),
        (make_pipeline(PCA(), ensemble.RandomForestClassifier(**few)).fit(x, y), None, "mixes features"),
        (ensemble.HistGradientBoostingClassifier(max_iter=2, min_samples_leaf=5, categorical_features=[3]).fit(mixed, y), None, "its categories are texts"),
    ]
    for estimator, method, words in cases:
        with pytest.raises(Refused, match=words):
            read_estimator(estimator, method)


def test_live_models(tmp_path, fitted):
    """Live objects give what their own predictions give, with early stopping, too."""
    data = trained.events()
    found = {}
    if "xgboost" in fitted:
        import xgboost

        stopped = xgboost.XGBClassifier(n_estimators=200, max_depth=2, early_stopping_rounds=2)
        stopped.fit(data.x[:400], data.binary[:400], eval_set=[(data.x[400:], data.binary[400:])], verbose=False)
        assert stopped.best_iteration + 1 < stopped.get_booster().num_boosted_rounds()
        found["stopped"] = (stopped, stopped.predict_proba(data.x)[:, 1])
    if "lightgbm" in fitted:
        import lightgbm

        classes = lightgbm.LGBMClassifier(n_estimators=3, verbose=-1).fit(data.x, data.classes)
        found |= {"classes": (classes, classes.predict_proba(data.x)), "booster": (classes.booster_, classes.predict_proba(data.x))}
    if "catboost" in fitted:
        import catboost

        model = catboost.CatBoostRegressor(iterations=3, verbose=0, allow_writing_files=False).fit(data.x, data.counts)
        found["cat"] = (model, model.predict(data.x))
    if not found:
        pytest.skip("none of XGBoost, LightGBM and CatBoost is installed")
    for name, (model, own) in found.items():
        package = kaon.convert(model, tmp_path / name, name=name)
        mine = evaluate(package.graph, {"features": data.x})["result"]
        assert np.abs(mine - trained.two_axes(own)).max() < 1e-6 * max(1, np.abs(own).max())
        with pytest.raises(Refused, match="gives what its objective says"):
            kaon.convert(model, tmp_path / name, method="predict")


def test_checked_against_the_trainer(tmp_path, fitted):
    """What `kaon check` compares with, where the trainer is installed."""
    chosen = {"xgboost_categories_ubj", "xgboost_softmax_ubj", "lightgbm_categories", "catboost_binary", "catboost_multiclass", "catboost_poisson"}
    models = [model for trained_by in fitted.values() for model in trained_by if model.name in chosen]
    if not models:
        pytest.skip("none of XGBoost, LightGBM and CatBoost is installed")
    for model in models:
        (tmp_path / "model").write_bytes(model.source)
        package = kaon.convert(tmp_path / "model", tmp_path / model.name, name=model.name)
        events = inputs(package.graph, 200, 5)
        own, name = source_outputs(package, events)
        assert own is not None, name
        assert np.abs(own["result"] - evaluate(package.graph, events)["result"]).max() < 3e-6 * max(1, np.abs(own["result"]).max())


def test_live_refused(tmp_path, fitted):
    if "xgboost" not in fitted or "lightgbm" not in fitted:
        pytest.skip("XGBoost or LightGBM is not installed")
    import lightgbm
    import xgboost
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    for model, words in (
        (xgboost.XGBClassifier(), "it cannot be saved"),
        (lightgbm.LGBMClassifier(), "it cannot be saved"),
        (xgboost.DMatrix(np.zeros((2, 2))), "it is no model of xgboost"),
        (make_pipeline(StandardScaler(), xgboost.XGBClassifier(n_estimators=2)).fit(trained.events(False).x, trained.events().binary), "stands among steps"),
    ):
        with pytest.raises(Refused, match=words):
            kaon.convert(model, tmp_path / "m")


def test_many_compiled(tmp_path, fitted, estimators, native):
    """The same sums in C++, one event and batches: all in one translation unit."""
    if not avx2():
        pytest.skip("the processor has no AVX2")
    expected = {}
    sources = [(m.name, m.source, None) for models in fitted.values() for m in models] + list(estimators)
    for name, source, method in sources:
        if name not in COMPILED:
            continue
        if isinstance(source, bytes):
            Path(tmp_path / f"{name}.model").write_bytes(source)
            source = tmp_path / f"{name}.model"
        package = kaon.convert(source, tmp_path / name, name=name, method=method)
        events = inputs(package.graph, ROWS, 11)
        write_events(tmp_path, package, events)
        expected[name] = evaluate(package.graph, events)
    if "xgboost" in fitted and "lightgbm" in fitted and "catboost" in fitted:
        assert set(expected) == COMPILED
    assert wrong(tmp_path, expected, 2e-6) == []


def test_double_compiled(tmp_path, fitted, native, kaon_command):
    """`kaon convert --scalar double`: C++ within 1e-12 of float64, one event, batches and weights from a file, and of the trainer's own."""
    model = next(m for m in of(fitted, "lightgbm") if m.name == "lightgbm_categories")
    (tmp_path / "m.txt").write_bytes(model.source)
    assert kaon_command("convert", tmp_path / "m.txt", "-o", tmp_path / "m", "--scalar", "double").code == 0
    result = kaon.check(tmp_path / "m", rows=500)
    assert result.passed and all(d.limit <= 1e-12 for d in result.differences if d.reference == "evaluator")
    x = inputs(kaon.package.open_package(tmp_path / "m").graph, 500, 3)["features"]
    ran = kaon.run(tmp_path / "m", x, batch=7, weights="file")["result"]
    assert ran.dtype == np.float64 and np.abs(ran - model.predictions(x)).max() < 1e-12
    for command in (("run", tmp_path / "m", "--input", "x.npy", "-o", "y.npz", "--scalar", "float"), ("bench", tmp_path / "m")):
        assert "double" in kaon_command(*command).refusal()
