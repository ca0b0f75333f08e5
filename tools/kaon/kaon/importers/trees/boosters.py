"""Live models of XGBoost, LightGBM and CatBoost: what they save themselves, read like a file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from kaon.error import Refused

TRAINERS = ("catboost", "lightgbm", "xgboost")


def trainer_of(model: Any) -> str | None:
    """Returns which of TRAINERS an object is of."""
    root = type(model).__module__.partition(".")[0]
    return root if root in TRAINERS else None


def saved(model: Any) -> bytes:
    """Returns the bytes of a fitted model of one of TRAINERS; where training stopped early the trees that its own predictions use."""
    kind, name = trainer_of(model), type(model).__name__
    try:
        data = {"catboost": catboost_json, "lightgbm": lightgbm_text, "xgboost": xgboost_ubjson}[str(kind)](model)
    except Exception as error:  # each trainer has exceptions of its own
        raise Refused(name, f"it cannot be saved ({error})", "fit it before") from error
    if data is None:
        raise Refused(name, f"it is no model of {kind}", "give a Booster, an estimator, or a CatBoost model")
    return data


def xgboost_ubjson(model: Any) -> bytes | None:
    if hasattr(model, "get_booster"):
        booster = model.get_booster()
        best = getattr(model, "best_iteration", None) if getattr(model, "early_stopping_rounds", None) else None
        model = booster if best is None else booster[: best + 1]
    return bytes(model.save_raw("ubj")) if hasattr(model, "save_raw") else None


def lightgbm_text(model: Any) -> bytes | None:
    booster = model.booster_ if hasattr(type(model), "booster_") else model
    return booster.model_to_string().encode() if hasattr(booster, "model_to_string") else None


def catboost_json(model: Any) -> bytes | None:
    if not hasattr(model, "save_model"):
        return None
    with tempfile.TemporaryDirectory(prefix="kaon-catboost-") as scratch:
        path = Path(scratch) / "model.json"
        model.save_model(str(path), format="json")
        return path.read_bytes()
