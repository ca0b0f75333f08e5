"""Trained forests: XGBoost (JSON, UBJSON) and LightGBM (text)."""

from __future__ import annotations

from kaon.importers.trees.lightgbm import is_lightgbm, read_lightgbm
from kaon.importers.trees.xgboost import is_xgboost, read_xgboost

__all__ = ["is_lightgbm", "is_xgboost", "read_lightgbm", "read_xgboost"]
