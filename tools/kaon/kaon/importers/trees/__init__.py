"""Trained forests, by the trainer that wrote the file."""

from __future__ import annotations

from collections.abc import Callable

from kaon.graph import Graph
from kaon.importers.trees.catboost import is_catboost, read_catboost
from kaon.importers.trees.conifer import is_conifer, read_conifer
from kaon.importers.trees.lightgbm import is_lightgbm, read_lightgbm
from kaon.importers.trees.lightgbm_json import is_lightgbm_json, read_lightgbm_json
from kaon.importers.trees.tmva import is_tmva, read_tmva
from kaon.importers.trees.xgboost import is_xgboost, read_xgboost

__all__ = ["FORMATS", "KNOWN", "trainer"]


def read_either_lightgbm(place: str, data: bytes) -> Graph:
    return (read_lightgbm if is_lightgbm(data) else read_lightgbm_json)(place, data)


FORMATS: dict[str, tuple[Callable[[bytes], bool], Callable[[str, bytes], Graph]]] = {
    "catboost": (is_catboost, read_catboost),
    "conifer": (is_conifer, read_conifer),
    "lightgbm": (lambda data: is_lightgbm(data) or is_lightgbm_json(data), read_either_lightgbm),
    "tmva": (is_tmva, read_tmva),
    "xgboost": (is_xgboost, read_xgboost),
}
"""Of each trainer: whether a file is of its formats, and what reads it: (place, bytes) -> Graph."""

KNOWN = (
    (b"CBM1", "CatBoost's binary format", "save it with model.save_model(path, format='json')"),
    (b"booster[0]", "a dump of XGBoost as text", "save the model with save_model"),
    (b"CONFIG-offset:", "a buffer of XGBoost's pickles", "save the model with save_model"),
    (b"\x1f\x8b", "compressed by gzip, with no XML of TMVA in it", "uncompress it"),
    (b"bs64", "XGBoost's format in base 64", "load it with the version that wrote it and save it with save_model"),
)
"""First bytes of what is known and not read, what it is, and what to do."""


def trainer(data: bytes) -> str | None:
    """Returns which of FORMATS a file is; None: of none."""
    return next((name for name, (is_one, _) in FORMATS.items() if is_one(data)), None)
