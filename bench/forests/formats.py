"""One forest in the formats that the rivals read: the same trees, thresholds and leaves."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np

from forests import FEATURES, Arrays, Forest


def write_lightgbm(arrays: Arrays, target: Path) -> None:
    """LightGBM's text. It splits by x <= threshold in float64: the float32 below a threshold decides the same for every float32."""
    lines = ["tree", "version=v4", "num_class=1", "num_tree_per_iteration=1", "label_index=0", f"max_feature_idx={FEATURES - 1}",
             "objective=regression", "feature_names=" + " ".join(f"f{i}" for i in range(FEATURES)),
             "feature_infos=" + " ".join(["[-1e+30:1e+30]"] * FEATURES)]
    blocks = []
    for number, tree in enumerate(arrays.trees()):
        inner = {node: place for place, node in enumerate(n for n in tree if arrays.features[n] >= 0)}
        leaf = {node: place for place, node in enumerate(n for n in tree if arrays.features[n] < 0)}
        child = lambda node: inner[node] if node in inner else ~leaf[node]  # noqa: E731
        thresholds = np.nextafter(arrays.values[list(inner)].astype(np.float32), np.float32(-np.inf))
        base = arrays.base if number == 0 else 0.0
        rows = {
            "num_leaves": [len(leaf)], "num_cat": [0], "split_feature": arrays.features[list(inner)], "split_gain": [1] * len(inner),
            "threshold": [repr(float(t)) for t in thresholds], "decision_type": [0] * len(inner),
            "left_child": [child(n + 1) for n in inner], "right_child": [child(int(arrays.right[n])) for n in inner],
            "leaf_value": [repr(float(arrays.values[n]) + base) for n in leaf], "leaf_weight": [1] * len(leaf),
            "leaf_count": [1] * len(leaf), "internal_value": [0] * len(inner), "internal_weight": [0] * len(inner),
            "internal_count": [2] * len(inner), "is_linear": [0], "shrinkage": [1]}
        blocks.append("".join(f"{line}\n" for line in (f"Tree={number}", *(f"{key}={' '.join(map(str, row))}" for key, row in rows.items()), "", "")))
    lines += ["tree_sizes=" + " ".join(str(len(block)) for block in blocks), ""]
    target.write_text("\n".join([*lines, "".join(blocks) + "end of trees", "", "feature_importances:", "", "parameters:", "end of parameters", "", "pandas_categorical:null", ""]))


def write_onnx(arrays: Arrays, target: Path) -> None:
    """A TreeEnsembleRegressor of ONNX ML."""
    import onnx
    from onnx import TensorProto, helper

    trees = arrays.trees()
    tree_of = np.concatenate([np.full(len(tree), number) for number, tree in enumerate(trees)])
    first = arrays.roots[tree_of]
    node_of = np.arange(len(tree_of)) - first
    inner = arrays.features >= 0
    node = helper.make_node(
        "TreeEnsembleRegressor", ["features"], ["scores"], domain="ai.onnx.ml", n_targets=1, base_values=[arrays.base],
        nodes_treeids=tree_of.tolist(), nodes_nodeids=node_of.tolist(), nodes_featureids=np.maximum(arrays.features, 0).tolist(),
        nodes_values=np.where(inner, arrays.values, 0).astype(np.float32).tolist(),
        nodes_modes=np.where(inner, "BRANCH_LT", "LEAF").tolist(),
        nodes_truenodeids=np.where(inner, node_of + 1, 0).tolist(), nodes_falsenodeids=np.where(inner, arrays.right - first, 0).tolist(),
        target_treeids=tree_of[~inner].tolist(), target_nodeids=node_of[~inner].tolist(), target_ids=[0] * int((~inner).sum()),
        target_weights=arrays.values[~inner].astype(np.float32).tolist())
    graph = helper.make_graph([node], "forest", [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["rows", FEATURES])],
                              [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["rows", 1])])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)], ir_version=8)
    onnx.checker.check_model(model)
    target.write_bytes(model.SerializeToString())


def write_conifer(arrays: Arrays, target: Path) -> None:
    """The JSON of conifer's C++ back end; a node multiplies the features with a row of weights, which names one."""
    one_hot = np.eye(FEATURES, dtype=int).tolist()
    trees = []
    for tree in arrays.trees():
        nodes = list(tree)
        inner = arrays.features[nodes] >= 0
        trees.append([{
            "feature": np.where(inner, arrays.features[nodes], -2).tolist(),
            "weight": [one_hot[max(int(arrays.features[n]), 0)] for n in nodes],
            "threshold": np.where(inner, arrays.values[nodes], -2).tolist(),
            "value": np.where(inner, 0, arrays.values[nodes]).tolist(),
            "children_left": np.where(inner, np.arange(len(nodes)) + 1, -1).tolist(),
            "children_right": np.where(inner, arrays.right[nodes] - tree.start, -1).tolist()}])
    target.write_text(json.dumps({"n_classes": 2, "n_trees": len(trees), "n_features": FEATURES, "norm": 1, "init_predict": [arrays.base],
                                  "splitting_convention": "<", "trees": trees}))


def write_ydf(arrays: Arrays, target: Path) -> None:
    """The header that YDF generates, its algorithm ROUTING, of a model of one tree that is given these instead."""
    import ydf

    rng = np.random.default_rng(1)
    columns = {f"f{i}": rng.normal(size=200).astype(np.float32) for i in range(FEATURES)}
    learner = ydf.GradientBoostedTreesLearner(label="y", task=ydf.Task.REGRESSION, num_trees=1, max_depth=2, validation_ratio=0.0)
    model = learner.train({**columns, "y": sum(columns.values())}, verbose=0)
    column_of = {feature.name: feature.column_idx for feature in model.input_features()}

    def node(n: int) -> ydf.tree.AbstractNode:
        if arrays.features[n] < 0:
            return ydf.tree.Leaf(value=ydf.tree.RegressionValue(num_examples=1, value=float(arrays.values[n])))
        condition = ydf.tree.NumericalHigherThanCondition(
            missing=False, score=0, attribute=column_of[f"f{arrays.features[n]}"], threshold=float(np.float32(arrays.values[n])))
        return ydf.tree.NonLeaf(value=ydf.tree.RegressionValue(num_examples=1, value=0.0), condition=condition,
                                neg_child=node(n + 1), pos_child=node(int(arrays.right[n])))

    model.set_initial_predictions([arrays.base])
    while model.num_trees() > 1:
        model.remove_tree(0)
    for number, tree in enumerate(arrays.trees()):
        grown = ydf.tree.Tree(root=node(tree.start))
        if number == 0:
            model.set_tree(0, grown)
        else:
            model.add_tree(grown)
    header = model.to_standalone_cc(name="forest_ydf", algorithm="ROUTING")
    if max(map(len, arrays.trees())) > 255:
        # YDF 0.16.1 declares bytes, and no compiler takes the lengths of larger trees for these.
        header = header.replace("static const uint8_t root_deltas", "static const uint16_t root_deltas")
    target.write_text(header)


def write_tl2cgen(model: Path, forest: Forest, directory: Path) -> list[Path]:
    """The C that tl2cgen generates of XGBoost's model, compiled; returns the objects. Long code is divided among files."""
    import tl2cgen
    import treelite

    directory.mkdir(parents=True, exist_ok=True)
    divided = {"parallel_comp": 40} if forest.trees * 2**forest.depth > 100_000 else {}
    tl2cgen.generate_c_code(treelite.frontend.load_xgboost_model(model), dirpath=directory, params=divided)
    objects = []
    for source in sorted(directory.glob("*.c")):
        made = source.with_suffix(".o")
        subprocess.run(["gcc", "-O3", "-march=native", "-w", "-c", str(source), "-o", str(made)], check=True)
        objects.append(made)
    return objects


def write_lleaves(text: Path, forest: Forest, directory: Path) -> list[Path]:
    """The objects that lleaves compiles of LightGBM's text: in its default blocks, and in one block, as its manual wants it for one row."""
    import lleaves

    objects = []
    for name, block in (("lleaves_blocks", 34), ("lleaves_one", forest.trees)):
        made = directory / f"{name}.o"
        made.unlink(missing_ok=True)
        lleaves.Model(model_file=str(text)).compile(cache=str(made), raw_score=True, fblocksize=block, froot_func_name=name)
        objects.append(made)
    return objects
