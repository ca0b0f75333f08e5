"""Estimators of scikit-learn, from live objects: compiled and compared with their own predictions."""

from __future__ import annotations

import importlib.util
import warnings

import numpy as np
import pytest

import kaon

if importlib.util.find_spec("sklearn") is None:  # one that is installed and broken is an error, no reason to skip
    pytest.skip("scikit-learn is not installed", allow_module_level=True)

from sklearn.compose import ColumnTransformer, TransformedTargetRegressor  # noqa: E402
from sklearn.decomposition import PCA  # noqa: E402
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor, Ridge, RidgeClassifier, SGDClassifier  # noqa: E402
from sklearn.model_selection import GridSearchCV  # noqa: E402
from sklearn.neural_network import MLPClassifier, MLPRegressor  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, Normalizer, RobustScaler, StandardScaler  # noqa: E402
from sklearn.svm import LinearSVC  # noqa: E402

GENERATOR = np.random.default_rng(20180406)
X = GENERATOR.standard_normal((400, 6)) * [1, 2, 0.1, 30, 1, 5] + [0, 1, 0, -10, 3, 2]
THREE = np.argmax(X[:, [0, 1, 4]], axis=1)
TWO = (X[:, 0] > 0).astype(int)
TARGET = X @ GENERATOR.standard_normal(6) + 1

ESTIMATORS = {
    "mlp of three classes": lambda: make_pipeline(StandardScaler(), MLPClassifier((8, 5), max_iter=40)).fit(X, THREE),
    "mlp of two classes": lambda: make_pipeline(StandardScaler(), MLPClassifier((8,), activation="tanh", max_iter=40)).fit(X, TWO),
    "mlp regressor": lambda: MLPRegressor(hidden_layer_sizes=(8,), activation="logistic", max_iter=40).fit(X / 10, np.c_[TARGET, TWO]),
    "logistic regression of two": lambda: LogisticRegression().fit(X, TWO),
    "logistic regression of three": lambda: make_pipeline(PCA(4, whiten=True), LogisticRegression()).fit(X, THREE),
    "stochastic gradient": lambda: make_pipeline(StandardScaler(), SGDClassifier(loss="log_loss")).fit(X, TWO),
    "support vectors": lambda: make_pipeline(StandardScaler(), LinearSVC()).fit(X, THREE),
    "ridge classifier": lambda: RidgeClassifier().fit(X, THREE),
    "linear regression": lambda: LinearRegression().fit(X, TARGET),
    "search": lambda: GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}).fit(X, np.c_[TARGET, TWO]),
    "scaled target": lambda: TransformedTargetRegressor(Ridge(), transformer=StandardScaler()).fit(X, TARGET),
    "scalers": lambda: make_pipeline(MinMaxScaler(), RobustScaler(), MaxAbsScaler()).fit(X),
    "columns": lambda: make_pipeline(
        ColumnTransformer(
            [("a", make_pipeline(StandardScaler(), PCA(1)), [0, 2]), ("b", "passthrough", [1]), ("c", "drop", [3])], remainder=MaxAbsScaler()
        ),
        MLPRegressor(hidden_layer_sizes=(4,), max_iter=20),
    ).fit(X, TARGET),
}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_estimator(tmp_path, name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator = ESTIMATORS[name]()
    package = kaon.convert(estimator, tmp_path / "m", name="m")
    method = package.manifest["source"]["file"].text().split(".")[1]
    events, golden = package.golden()
    np.testing.assert_allclose(golden["result"], np.reshape(getattr(estimator, method)(events["features"].astype(float)), golden["result"].shape))
    rows = X[:50].astype(np.float32)
    expected = np.reshape(getattr(estimator, method)(rows.astype(float)), (50, -1))
    from kaon.evaluate import evaluate

    got = evaluate(package.graph, {"features": rows})["result"]
    assert np.abs(got - expected).max() <= 1e-5 * max(1.0, np.abs(expected).max())


def test_compiled_with_the_names_of_classes(tmp_path):
    estimator = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, np.array(["qcd", "top", "w"])[THREE])
    package = kaon.convert(estimator, tmp_path / "m")
    assert package.name == "Pipeline" and package.graph.outputs[0].labels == ["qcd", "top", "w"]
    assert kaon.check(tmp_path / "m", rows=64).passed
    scores = kaon.run(tmp_path / "m", X.astype(np.float32))["result"]
    assert np.abs(scores - estimator.predict_proba(X)).max() < 1e-4


@pytest.mark.parametrize(
    ("make", "method", "words"),
    [
        (lambda: Normalizer().fit(X), None, "it is not supported"),
        (lambda: PoissonRegressor().fit(X / 30, TWO), None, "it is not supported"),
        (lambda: MLPClassifier(), None, "not fitted"),
        (lambda: LinearSVC().fit(X / 30, THREE), "predict_proba", "it has no probabilities"),
        (lambda: SGDClassifier(loss="log_loss").fit(X / 30, THREE), None, "one class against the rest"),
        (lambda: MinMaxScaler(clip=True).fit(X), None, "it clips"),
        (lambda: Ridge().fit(X, TARGET), "predict_proba", "it has no such numbers"),
        (lambda: Ridge().fit(X, TARGET), "guess", "no such method"),
        (lambda: object(), None, "neither a file nor a fitted model"),
    ],
)
def test_refused(tmp_path, make, method, words):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator = make()
    with pytest.raises(kaon.Refused, match=words):
        kaon.convert(estimator, tmp_path / "m", method=method)
    assert not (tmp_path / "m").exists()
