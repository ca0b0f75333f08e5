"""Formats of forests that differ in how the same trees are written: the old binary format of XGBoost, JSON of LightGBM and CatBoost."""

from __future__ import annotations

import copy
import json
import struct

import numpy as np
import pytest

import kaon
from kaon import importers, passes
from kaon.error import Refused
from kaon.forest import leaf
from kaon.graph import Graph
from kaon.importers.trees.links import by_output
from test_forests import DEEPER, LIGHTGBM, STUMP, change, leaves, read, sums, xgboost, xgboost_tree

X = np.array([[1.5, 0.5, 0], [1.4, 0.4, -0.5], [np.nan, np.nan, -0.6], [2, 0.25, np.nan]], np.float32)


def binary(model: dict, magic: bytes = b"binf", version=(1, 7), booster: str = "gbtree", weights=None, padding: int = 0) -> bytes:
    """Writes the old format of XGBoost. padding: bytes that the first versions left behind the learner's parameters."""
    learner = model["learner"]
    numbers = learner["learner_model_param"]
    content = learner["gradient_booster"]["model"]
    text = lambda t: struct.pack("<Q", len(t)) + t.encode()  # noqa: E731
    head = struct.pack("<fIi2iIII", float(numbers["base_score"]), int(numbers["num_feature"]), int(numbers["num_class"]), 0, 0, *version, 1)
    parts = [magic, head.ljust(136, b"\0"), b"\0" * padding, text(learner["objective"]["name"]), text(booster)]
    parts.append(struct.pack("<i", len(content["trees"])).ljust(160, b"\0"))
    for tree in content["trees"]:
        size = len(tree["left_children"])
        parts.append(struct.pack("<6i", 1, size, 0, 0, 0, 0).ljust(148, b"\0"))
        for i in range(size):
            feature = tree["split_indices"][i] | (tree["default_left"][i] << 31)
            parts.append(struct.pack("<iiiIf", 0, tree["left_children"][i], tree["right_children"][i], feature, tree["split_conditions"][i]))
        parts.append(b"\0" * 16 * size)
    parts.append(struct.pack(f"<{len(content['tree_info'])}i", *content["tree_info"]))
    if weights is not None:
        parts.append(struct.pack(f"<Q{len(weights)}f", len(weights), *weights))
    return b"".join(parts)


def same(graph: Graph, other: Graph) -> bool:
    """Whether two graphs are of the same layers with the same numbers."""
    kinds = [[(node.kind, node.numbers) for node in g.nodes] for g in (graph, other)]
    tensors = [{(i, key): t.tolist() for i, node in enumerate(g.nodes) for key, t in node.tensors.items()} for g in (graph, other)]
    return kinds[0] == kinds[1] and tensors[0] == tensors[1]


def test_binary_is_json(tmp_path):
    model = xgboost([STUMP, DEEPER, STUMP, STUMP], [2, 0, 2, 1], classes=3, objective="multi:softprob", base="0.25")
    expected = read(tmp_path, change(model, "version", [1, 7, 0]))
    for magic in (b"binf", b""):
        assert same(read(tmp_path, binary(model, magic)), expected)
    assert same(read(tmp_path, binary(model, b"", (0, 0), padding=4)), expected)
    margin = xgboost([STUMP], base="-1.5")  # the first versions stored margins
    assert sums(read(tmp_path, binary(margin, version=(0, 0))), X)[0, 0] == -1.5 + 2
    with pytest.raises(Refused, match="-1.5 is no probability"):
        read(tmp_path, binary(margin))


def test_weights_of_trees(tmp_path):
    model = xgboost([STUMP, DEEPER])
    dart = change(model, "learner", "gradient_booster", {"name": "dart", "gbtree": model["learner"]["gradient_booster"], "weight_drop": [0.5, 0.25]})
    expected = [[2 * 0.5 + 8 * 0.25], [-1.25 * 0.5 + 32 * 0.25], [2 * 0.5 + 16 * 0.25], [-1.25 * 0.5 + 8 * 0.25]]
    assert sums(read(tmp_path, dart), X).tolist() == expected
    assert sums(read(tmp_path, binary(model, booster="dart", weights=[0.5, 0.25])), X).tolist() == expected
    later = change(model, "learner", "gradient_booster", "model", "weight_drop", [0.5, 0.25])  # as from version 3.4 on
    assert sums(read(tmp_path, later), X).tolist() == expected


def test_nodes_that_were_taken_out(tmp_path):
    """Deleted nodes keep their place; one that the tree still leads to is refused."""
    tree = xgboost_tree([1, -1, -1, 7], [2, -1, -1, 9], [1, 0, 0, (1 << 31) - 1], [0.5, -1.25, 2.0, float("nan")], [0, 0, 0, 1])
    assert sums(read(tmp_path, binary(xgboost([tree]))), X)[:, 0].tolist() == [2, -1.25, 2, -1.25]
    tree["left_children"][0] = 3
    with pytest.raises(Refused, match="its children are -2 and -2"):
        read(tmp_path, binary(xgboost([tree])))


@pytest.mark.parametrize(
    ("at", "value", "words"),
    [
        (4 + 4, -1, r"num_feature: '4294967295' is no number"),
        (4 + 8, -1, r"num_class: '-1' is no number"),
        (4 + 136 + 8 + 15 + 8 + 6, 1 << 30, "it is to have 1073741824 trees"),
        (4 + 136 + 8 + 15 + 8 + 6, -1, "it is to have -1 trees"),
        (4 + 136 + 8 + 15 + 8 + 6 + 160, 2, "tree 0 has 2 roots"),
        (4 + 136 + 8 + 15 + 8 + 6 + 160 + 4, 0, "tree 0 has 0 nodes"),
        (4 + 136 + 8 + 15 + 8 + 6 + 160 + 4, 1 << 30, "tree 0 is to have 1073741824 nodes"),
        (4 + 136 + 8 + 15 + 8 + 6 + 160 + 20, 3, "leaves of 3 numbers"),
        (4 + 136 + 8 + 15 + 8 + 6 + 160 + 148 + 4, 0, "its children are 0 and 2"),
        (4 + 136 + 8 + 15 + 8 + 6 + 160 + 148 + 4, 2, "reached twice"),
        (4 + 136 + 8 + 15 + 8 + 6 + 160 + 148 + 12, 3, "it splits feature 3 of 3"),
        (4 + 136 + 8 + 15 + 8 + 6 + 160 + 148 + 16, 0x7FC00000, r"split_conditions\[0\]: it is nan"),
        (-4, 1, "a tree of class 1 of 1"),
    ],
)
def test_hostile_binary(tmp_path, at, value, words):
    data = bytearray(binary(xgboost([STUMP])))
    struct.pack_into("<i", data, at % len(data), value)
    with pytest.raises(Refused, match=words):
        read(tmp_path, bytes(data))


def test_cut_binary(tmp_path):
    """Beginnings of a file are refused in words."""
    data = binary(xgboost([STUMP]), booster="dart", weights=[1.0])
    for size in range(1, len(data), 5):
        with pytest.raises(Refused):
            read(tmp_path, data[:size])


LEAF = {"leaf_value": 1.0}
LIGHTGBM_JSON = {
    "name": "tree",
    "version": "v4",
    "num_class": 1,
    "num_tree_per_iteration": 1,
    "max_feature_idx": 2,
    "objective": "binary sigmoid:2",
    "average_output": False,
    "feature_names": ["pt", "eta", "phi"],
    "tree_info": [
        {
            "tree_structure": {
                **{"split_feature": 1, "threshold": 0.1, "decision_type": "<=", "default_left": True, "missing_type": "None"},
                "left_child": {
                    **{"split_feature": 2, "threshold": -2, "decision_type": "<=", "default_left": True, "missing_type": "NaN"},
                    **{"left_child": {"leaf_value": 1}, "right_child": {"leaf_value": 4}},
                },
                "right_child": {"leaf_value": 2},
            }
        },
        {"tree_structure": {"leaf_value": 8}},
    ],
}


def test_lightgbm_json_is_text(tmp_path):
    # Of the text the leaves come in another order of nodes, depth first the same.
    assert same(read(tmp_path, LIGHTGBM_JSON), read(tmp_path, LIGHTGBM))


def test_lightgbm_around_zero(tmp_path):
    """To LightGBM what is no farther from zero than 1e-35 is zero; where zeros are missing values they may go with zero alone."""
    x = np.array([[0, v, 0] for v in (-1e-34, -1e-35, -1e-40, 0, 1e-40, 1e-35, 1e-34)], np.float32)
    for threshold, left in (("-1e-36", 1), ("1e-36", 6), ("0", 6), ("-1.0000000180025095e-35", 1), ("1.0000000180025095e-35", 6)):
        found = sums(read(tmp_path, LIGHTGBM.replace("0.10000000000000001 -2", f"{threshold} -2")), x)[:, 0]
        assert np.count_nonzero(found != 2 * 10) == left
    with_zeros = LIGHTGBM.replace("decision_type=2 10", "decision_type=6 10")  # left by default, and 0 <= 0.1
    assert sums(read(tmp_path, with_zeros), np.array([[0, np.nan, -3], [0, 0, -3], [0, 1, -3]], np.float32))[:, 0].tolist() == [18, 18, 20]


SPLIT = ("tree_info", 0, "tree_structure")


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ((*SPLIT, "split_feature", 3), r"tree_info\[0\]\.tree_structure\.split_feature: 3 is no whole number from 0 to 2"),
        ((*SPLIT, "threshold", float("nan")), r"threshold: it is nan"),
        ((*SPLIT, "threshold", True), "threshold: expected a number, found bool"),
        ((*SPLIT, "decision_type", ">"), "no split '>'"),
        ((*SPLIT, "missing_type", "Some"), "no kind 'Some'"),
        ((*SPLIT, "missing_type", "Zero"), None),
        ((*SPLIT, "left_child", LEAF | {"leaf_coeff": [1.0]}), "linear trees"),
        ((*SPLIT, "left_child", {}), r"left_child: the field 'leaf_value' is missing"),
        ((*SPLIT, "left_child", []), "left_child: expected an object"),
        ((*SPLIT, "right_child", {"leaf_value": 10**400}), "leaf_value: it is inf"),
        (("max_feature_idx", 1 << 40), "is no whole number from"),
        (("num_tree_per_iteration", 0), "is no whole number from"),
        (("objective", "rank_this"), "'rank_this' with 1 outputs is not supported"),
        (("tree_info", []), "0 trees for 1"),
        (("tree_info", {}), "expected a list"),
        (("average_output", 1), "expected true or false"),
    ],
)
def test_hostile_lightgbm_json(tmp_path, edit, words):
    changed = change(LIGHTGBM_JSON, *edit)
    if words is None:
        read(tmp_path, changed)
        return
    with pytest.raises(Refused, match=words):
        read(tmp_path, changed)


def deep(levels: int) -> dict:
    tree = dict(LEAF)
    for _ in range(levels):
        tree = {"split_feature": 0, "threshold": 0.0, "decision_type": "<=", "left_child": tree, "right_child": LEAF}
    return change(LIGHTGBM_JSON, *SPLIT, tree)


def test_deep_json(tmp_path):
    assert read(tmp_path, deep(300)).nodes[0].numbers["depth"] == 300
    text = json.dumps(LIGHTGBM_JSON).replace('{"leaf_value": 8}', '{"left_child": ' * 50_000 + '{"leaf_value": 8}' + "}" * 50_000)
    with pytest.raises(Refused):
        read(tmp_path, text)


def float_feature(index: int, nan: str = "AsFalse") -> dict:
    return {"feature_index": index, "flat_feature_index": index, "feature_id": f"f{index}", "nan_value_treatment": nan, "borders": []}


def question(feature: int, border: float) -> dict:
    return {"split_type": "FloatFeature", "float_feature_index": feature, "border": border}


CATBOOST = {
    "features_info": {"float_features": [float_feature(0), float_feature(1, "AsTrue"), float_feature(2)]},
    "model_info": {"params": {"loss_function": {"type": "Logloss"}}},
    "scale_and_bias": [2.0, [0.5]],
    "oblivious_trees": [
        {"splits": [question(0, 1.5), question(1, -0.5)], "leaf_values": [1.0, 2.0, 4.0, 8.0]},
        {"splits": [], "leaf_values": [16.0]},
    ],
}

NESTED = {"split": question(0, 1.5), "left": {"value": 1.0}, "right": {"split": question(1, -0.5), "left": {"value": 2.0}, "right": {"value": [4.0]}}}
CATBOOST_NESTED = {key: value for key, value in CATBOOST.items() if key != "oblivious_trees"} | {"trees": [NESTED]}


def test_catboost_by_hand(tmp_path):
    graph = read(tmp_path, CATBOOST)
    assert graph.inputs[0].labels == ["f0", "f1", "f2"] and [n.kind for n in graph.nodes] == ["forest", "sigmoid"]
    # Bit 0 of a leaf's number: x0 > 1.5; bit 1: x1 > -0.5. Missing: below all borders in feature 0, above all in feature 1.
    x = np.array([[1.5, -0.5, 0], [1.6, -0.5, 0], [1.5, 0, 0], [1.6, 0, 0], [np.nan, np.nan, 0]], np.float32)
    assert sums(graph, x)[:, 0].tolist() == [0.5 + 2 * (leaf + 16) for leaf in (1, 2, 4, 8, 4)]
    assert sums(read(tmp_path, CATBOOST_NESTED), x)[:, 0].tolist() == [0.5 + 2 * leaf for leaf in (1, 2, 1, 4, 1)]


OBLIVIOUS = ("oblivious_trees", 0)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ((*OBLIVIOUS, "splits", 0, "float_feature_index", 3), r"splits\[0\]\.float_feature_index: 3 is no whole number from 0 to 2"),
        ((*OBLIVIOUS, "splits", 0, "border", float("inf")), r"splits\[0\]\.border: it is inf"),
        ((*OBLIVIOUS, "splits", 0, "split_type", "OnlineCtr"), "splits of type 'OnlineCtr' are not supported"),
        ((*OBLIVIOUS, "splits", [question(0, 1.0)] * 17), "17 splits"),
        ((*OBLIVIOUS, "leaf_values", [1.0]), r"oblivious_trees\[0\]\.leaf_values: 1 numbers, not 4"),
        ((*OBLIVIOUS, "leaf_values", [1.0, 2.0, "x", 4.0]), r"leaf_values\[2\]: expected a number"),
        (("scale_and_bias", [1.0]), "1 entries"),
        (("scale_and_bias", [1.0, []]), "0 biases"),
        (("scale_and_bias", [float("nan"), [0.0]]), r"scale_and_bias\[0\]: it is nan"),
        (("features_info", "float_features", []), "the model has no features"),
        (("features_info", "float_features", 1, "flat_feature_index", 0), "another's column"),
        (("features_info", "float_features", 1, "flat_feature_index", 1 << 60), "is no whole number"),
        (("features_info", "float_features", 1, "nan_value_treatment", "AsYouLike"), "no treatment 'AsYouLike'"),
        (("features_info", "categorical_features", [{}]), "categorical features are not supported"),
        (("model_info", "params", "loss_function", "type", "Focal"), "the loss 'Focal' is not supported"),
        (("oblivious_trees", []), "the model has no trees"),
    ],
)
def test_hostile_catboost(tmp_path, edit, words):
    with pytest.raises(Refused, match=words):
        read(tmp_path, change(CATBOOST, *edit))


def test_borders_of_catboost(tmp_path):
    """CatBoost reads a split by its number among all borders: one that says something else beside is refused."""
    numbered = copy.deepcopy(CATBOOST)
    for feature, borders in zip(numbered["features_info"]["float_features"], ([0.5, 1.5], [-0.5], [])):
        feature["borders"] = borders
    for split, number in zip(numbered["oblivious_trees"][0]["splits"], (1, 2)):
        split["split_index"] = number
    assert same(read(tmp_path, numbered), read(tmp_path, CATBOOST))
    for number, words in ((0, "border 0 of the model is another one than 1.5 of feature 0"), (3, "3 is no whole number from 0 to 2")):
        with pytest.raises(Refused, match=f"splits.0.*split_index: {words}"):
            read(tmp_path, change(numbered, *OBLIVIOUS, "splits", 0, "split_index", number))


def test_categories_by_hand(tmp_path):
    x = np.array([[0, v, 0] for v in (0, 1, 2, 2.5, 33, 34, -1, -0.5, 1e9, np.nan)], np.float32)
    by_category = {"split_type": [1, 0, 0], "categories_nodes": [0], "categories_segments": [1], "categories_sizes": [2], "categories": [7, 2, 33]}
    stump = STUMP | by_category | {"split_conditions": [float("nan"), -1.25, 2.0]}
    # XGBoost: those of the set go right, all else left, and missing values as default_left says.
    for default_left, missing in ((0, 2.0), (1, -1.25)):
        graph = read(tmp_path, xgboost([stump | {"default_left": [default_left, 0, 0]}]))
        assert sums(graph, x)[:, 0].tolist() == [-1.25, -1.25, 2, 2, 2, -1.25, -1.25, -1.25, -1.25, missing]
    # LightGBM: those of the set go left; -0.5 is category 0. The set: bits 0 and 2 of the first word, bit 1 of the second.
    lines = ("num_cat=0", "num_cat=1\ncat_boundaries=0 2\ncat_threshold=5 2", "threshold=0.10000000000000001", "threshold=0", "decision_type=2", "decision_type=1")
    text = LIGHTGBM
    for old, new in zip(lines[::2], lines[1::2]):
        text = text.replace(old, new, 1)
    left, right = 2 * (4 + 8), 2 * (2 + 8)  # feature 2 is 0: above -2
    assert sums(read(tmp_path, text), x)[:, 0].tolist() == [left, right, left, left, left, right, right, left, right, right]


CATEGORICAL = STUMP | {"split_type": [1, 0, 0], "categories_nodes": [0], "categories_segments": [0], "categories_sizes": [1], "categories": [3]}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"categories_nodes": [1]}, r"categories_nodes\[0\]: node 1 does not split by category"),
        ({"categories_nodes": [0, 0], "categories_segments": [0, 0], "categories_sizes": [1, 1]}, r"categories_nodes\[1\]: node 0 does not"),
        ({"categories_nodes": [], "categories_segments": [], "categories_sizes": []}, "node 0 has no categories"),
        ({"categories_segments": [1]}, r"categories_segments\[0\]: 1 to 2 of 1"),
        ({"categories_segments": [-1]}, r"categories_segments\[0\]: -1 to 0 of 1"),
        ({"categories_sizes": [-1]}, r"categories_segments\[0\]: 0 to -1 of 1"),
        ({"categories_sizes": []}, "1 nodes, 1 segments, 0 sizes"),
        ({"categories": [-3]}, "-3 is no category"),
        ({"categories": [1 << 30]}, "1073741824 is no category from 0 to"),
        ({"categories": [1.5]}, "expected a whole number"),
    ],
)
def test_hostile_categories(tmp_path, changes, words):
    with pytest.raises(Refused, match=words):
        read(tmp_path, xgboost([CATEGORICAL | changes]))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"num_cat": "0"}, "num_cat: '0' is no whole number from 1"),
        ({"cat_boundaries": "0 3"}, "cat_threshold: 2 numbers, not 3"),
        ({"cat_boundaries": "1 2"}, "they do not grow from 0"),
        ({"cat_boundaries": "0"}, "cat_boundaries: 1 numbers, not 2"),
        ({"cat_boundaries": "0 -1"}, "cat_threshold: 2 numbers, not 0"),
        ({"cat_threshold": "5 4294967296"}, "a word is no number of 32 bits"),
        ({"cat_threshold": "-1 0"}, "a word is no number of 32 bits"),
        ({"threshold": "1 -2"}, r"threshold\[0\]: no set 1 of 1"),
        ({"threshold": "-1 -2"}, r"threshold\[0\]: no set -1 of 1"),
    ],
)
def test_hostile_sets(tmp_path, changes, words):
    fields = {"num_cat": "1", "cat_boundaries": "0 2", "cat_threshold": "5 2", "threshold": "0 -2"} | changes
    text = LIGHTGBM.replace("decision_type=2", "decision_type=1", 1).replace("threshold=0.10000000000000001 -2\n", "", 1)
    with pytest.raises(Refused, match=words):
        read(tmp_path, text.replace("num_cat=0", "\n".join(f"{key}={value}" for key, value in fields.items()), 1))


def test_vector_leaves_by_hand(tmp_path):
    """Version 2 keeps the leaves among the weights of all nodes, version 3 apart, with their numbers as right children."""
    vector = {"tree_param": {"num_nodes": "3", "size_leaf_vector": "2"}}
    older = STUMP | vector | {"base_weights": [float("nan"), float("nan"), 1.0, 2.0, 4.0, 8.0], "split_conditions": [0.5, float("nan"), float("nan")]}
    newer = STUMP | vector | {"leaf_weights": [4.0, 8.0, 1.0, 2.0], "right_children": [2, 1, 0], "base_weights": [0.0] * 6}
    for stump in (older, newer):
        model = xgboost([stump, stump], objective="reg:squarederror", base="[0.5,0.25]")
        graph = read(tmp_path, change(model, "learner", "learner_model_param", "num_target", "2"))
        assert sums(graph, X).tolist() == [[8.5, 16.25], [2.5, 4.25], [8.5, 16.25], [2.5, 4.25]]
    for key, value, words in (
        ("right_children", [2, 2, 0], r"right_children\[1\]: leaf 2 of 2"),
        ("right_children", [2, -1, 0], r"right_children\[1\]: leaf -1 of 2"),
        ("leaf_weights", [1.0, 2.0, 4.0], "leaf 1 of 1.5|leaf 0 of 1.5"),
        ("leaf_weights", [float("inf")] * 4, r"leaf_weights\[0\]: it is inf"),
    ):
        model = change(xgboost([newer | {key: value}], objective="reg:squarederror"), "learner", "learner_model_param", "num_target", "2")
        with pytest.raises(Refused, match=words):
            read(tmp_path, model)


def test_a_small_file_asks_for_much():
    """Outputs with fewer trees than others get trees of a zero: not millions of them."""
    with pytest.raises(Refused, match="20000 trees or nodes of 4096 outputs"):
        by_output("m", [leaf(1.0)] * 20_000, [0] * 20_000, 4096)
    with pytest.raises(Refused, match="256 trees, 256 of them for one of 4096 outputs: 1048576 with a zero for each"):
        by_output("m", [leaf(1.0)] * 256, [0] * 256, 4096)
    assert [tree.values[0] for tree in by_output("m", [leaf(1.0), leaf(2.0), leaf(4.0)], [1, 0, 1], 2)] == [2, 1, 0, 4]


def test_fields_that_are_there_twice(tmp_path):
    """The second one would win in silence, in JSON."""
    text = json.dumps(LIGHTGBM_JSON).replace('"leaf_value": 8', '"leaf_value": 8, "leaf_value": 9')
    with pytest.raises(Refused, match="the field 'leaf_value' is there twice"):
        read(tmp_path, text)


def test_lists_of_another_length(tmp_path):
    """Of every importer that reads a tree as lists, one entry a node."""
    for key in ("left_children", "right_children", "split_indices", "split_conditions", "default_left", "split_type"):
        for listed, words in ((STUMP[key][:-1], "entries for [23] nodes"), ([], "entries for 3 nodes|the tree has no nodes"), ([True, "x", None], r"\[[01]\]: expected")):
            with pytest.raises(Refused, match=f"{key}.*{words}|right_children: 3 entries for 2 nodes|left_children: the tree has no nodes"):
                read(tmp_path, xgboost([STUMP | {key: listed}]))


def test_flags_of_xgboost(tmp_path):
    """Older versions write true and false, newer ones 1 and 0; of another number it is not known what it means."""
    for listed in ([1, 0, 0, 0, 0], [True, False, False, False, False]):
        assert same(read(tmp_path, xgboost([DEEPER | {"default_left": listed}])), read(tmp_path, xgboost([DEEPER])))
    with pytest.raises(Refused, match=r"default_left\[2\]: expected true or false, found 2147483648"):
        read(tmp_path, xgboost([DEEPER | {"default_left": [1, 0, 1 << 31, 0, 0]}]))


def test_what_is_known_and_not_read(tmp_path):
    for data, words in ((b"CBM1" + b"\0" * 40, "CatBoost's binary format"), (b"booster[0]:\n0:[f0<1]", "dump of XGBoost"), (b"\x80\x04x", "pickle")):
        with pytest.raises(Refused, match=words):
            read(tmp_path, data)


def test_photons(tmp_path, models, native):
    """149 trees of the CMS photon identification, in the old format, with missing values."""
    folder = models / "cms-data/XGBoost"
    rows = np.genfromtxt(folder / "Photon_NTL_99_Endcap_v2.vectors.csv", delimiter=",", skip_header=1)
    x, margins, predictions = rows[:, :9].astype(np.float32), rows[:, 9], rows[:, 10]
    assert np.isnan(x).any()
    package = kaon.convert(folder / "Photon_NTL_99_Endcap_v2.bin", tmp_path / "m", name="photons")
    assert np.abs(sums(package.graph, x)[:, 0] - margins).max() < 1e-6 * leaves(package.graph)
    for batch in (None, 64):
        assert np.abs(kaon.run(tmp_path / "m", x, batch=batch)["result"][:, 0] - predictions).max() < 1e-6


def test_one_model_in_three_formats(models):
    graphs = []
    for suffix in ("json", "ubj", "deprecated"):
        graphs.append(importers.read(models / f"higgs/xgb174_higgs.{suffix}").graph)
        passes.run(graphs[-1])
    assert same(graphs[0], graphs[1]) and same(graphs[0], graphs[2])


def test_leaves_of_dermatology(models):
    """Six classes, written by a version before 1; columns that a row does not list are missing."""
    graph = importers.read(models / "leaves/xgdermatology.model").graph
    passes.run(graph)
    lines = (models / "leaves/dermatology_test.libsvm").read_text().splitlines()
    expected = np.loadtxt(models / "leaves/xgdermatology_true_predictions.txt")
    x = np.full((len(lines), graph.inputs[0].shape[0]), np.nan, np.float32)
    for row, line in enumerate(lines):
        for entry in line.split()[1:]:
            column, _, value = entry.partition(":")
            x[row, int(column)] = float(value)
    assert np.abs(sums(graph, x) - expected).max() < 1e-6 * leaves(graph)


def test_leaves_of_breast_cancer(models):
    """A LightGBM model: the number of the leaf of every tree, as LightGBM gave them."""
    path = models / "leaves/lg_breast_cancer.txt"
    x = np.loadtxt(models / "leaves/lg_breast_cancer_data.txt")
    expected = np.loadtxt(models / "leaves/lg_breast_cancer_data_pred_leaves.txt", dtype=int)
    text = path.read_text()
    for number in range(expected.shape[1]):
        numbered = one_tree(text, number)
        graph = read_text(numbered)
        assert sums(graph, x.astype(np.float32))[:, 0].tolist() == expected[:, number].tolist()


def one_tree(text: str, number: int) -> str:
    """Returns a model of one tree whose leaves are their numbers."""
    head, *trees = text.split("\nTree=")
    lines = trees[number].split("\n\n")[0].splitlines()[1:]
    count = next(int(line.split("=")[1]) for line in lines if line.startswith("num_leaves="))
    kept = [f"leaf_value={' '.join(map(str, range(count)))}" if line.startswith("leaf_value=") else line for line in lines]
    return head.replace("objective=binary", "objective=custom") + "\nTree=0\n" + "\n".join(kept) + "\n\nend of trees\n"


def read_text(text: str) -> Graph:
    graph = copy.deepcopy(importers.trees.FORMATS["lightgbm"][1]("m", text.encode()))
    passes.run(graph)
    return graph


def test_report_and_bench(tmp_path, native, kaon_command):
    trees = [STUMP, DEEPER, CATEGORICAL]
    (tmp_path / "m.json").write_text(json.dumps(xgboost(trees)))
    kaon.convert(tmp_path / "m.json", tmp_path / "m", name="m")
    report = kaon.report(tmp_path / "m")
    assert report.layers[0].forest == {"trees": 3, "splits": 4, "leaves": 7, "levels": 2, "categories": 1} and report.plot.read_bytes()[:4] == b"\x89PNG"
    shown = kaon_command("report", tmp_path / "m").out
    assert "forest_0: 3 trees, 4 splits, 7 leaves, at most 2 levels, 1 of the splits by category" in shown
    times = kaon.bench(tmp_path / "m", json=True, seconds=0.05)
    assert all(row["ns_per_event_min"] > 0 and row["bound_ns"] == 0 for row in times["rows"])
    assert times["agreement"]["largest_difference"]["kaon"] < 1e-5
