"""A small model in every format of forests that is read, and changes of its bytes, its values and its structure."""

from __future__ import annotations

import copy
import gzip
import json
import math
import struct
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import numpy as np

import test_conifer as conifer
import test_forest_files as files
import test_forests as forests
import test_onnx_ensembles as ensembles
import test_tmva as tmva
from mutations import Mutator, parts
from onnx import AttributeProto, ModelProto, TensorProto, numpy_helper

HOSTILE = (
    *(None, True, False, -1, 0, 1, 2, 3, -2, 7, 1 << 12, 1 << 18, (1 << 18) + 1, (1 << 31) - 1, 1 << 31, -(1 << 31), 1 << 62, 2**70, 10**400),
    *(0.5, -0.0, 1e-45, 1e38, 1e39, -1e308, math.nan, math.inf, -math.inf),
    *("", "0", "1", "-1", "3", "nan", "inf", "1e999", "2147483648", "1" * 500, "x", "gbtree", "multi:softprob", "é", "a\nb\x1b[2J"),
    *([], {}, [[]], [0], [0, 0, 0], [1, 2, 3], {"a": 1}, [None]),
)
"""What a field may hold instead of what it should."""

Change = Callable[[Mutator], bytes]
"""Draws a changed file."""


def typed_ubjson(value: Any) -> bytes:
    """Writes any value that JSON has as UBJSON, as XGBoost does."""
    if value is None or value is True or value is False:
        return {None: b"Z", True: b"T", False: b"F"}[value]
    if isinstance(value, float):
        return b"D" + struct.pack(">d", value)
    if isinstance(value, int):
        return b"L" + struct.pack(">q", value) if -(1 << 63) <= value < 1 << 63 else typed_ubjson(str(value)[:300])
    if isinstance(value, str):
        return b"S" + b"L" + struct.pack(">q", len(value.encode())) + value.encode()
    if isinstance(value, dict):
        key = lambda k: typed_ubjson(k)[1:]  # noqa: E731
        return b"{" + b"".join(key(k) + typed_ubjson(v) for k, v in value.items()) + b"}"
    plain = [v for v in value if isinstance(v, (int, float)) and not isinstance(v, bool) and abs(v) < 1 << 31]
    if value and len(plain) == len(value):
        try:
            return forests.ubjson(value)
        except (struct.error, OverflowError):  # numbers beyond 32 bits, both kinds in one list
            pass
    return b"[#L" + struct.pack(">q", len(value)) + b"".join(map(typed_ubjson, value))


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def xgboost_models() -> list[dict]:
    """One sum with categories, three classes, vector leaves of versions 2 and 3, dart."""
    stump = forests.STUMP
    vector = {"tree_param": {"num_nodes": "3", "size_leaf_vector": "2"}}
    older = stump | vector | {"base_weights": [0.0, 0.0, 1.0, 2.0, 4.0, 8.0]}
    newer = stump | vector | {"leaf_weights": [4.0, 8.0, 1.0, 2.0], "right_children": [2, 1, 0], "base_weights": [0.0] * 6}
    two = forests.xgboost([older, newer], objective="reg:squarederror", base="[0.5,0.25]")
    two["learner"]["learner_model_param"]["num_target"] = "2"
    dart = forests.xgboost([stump, forests.DEEPER])
    dart["learner"]["gradient_booster"] = {"name": "dart", "gbtree": dart["learner"]["gradient_booster"], "weight_drop": [0.5, 0.25]}
    classes = forests.xgboost([stump, forests.DEEPER, stump], [2, 0, 1], classes=3, objective="multi:softprob", base="0.25")
    return [forests.xgboost([stump, forests.DEEPER, files.CATEGORICAL]), classes, two, dart]


def lightgbm_texts() -> list[str]:
    lines = {"num_cat=0": "num_cat=1\ncat_boundaries=0 2\ncat_threshold=5 2", "threshold=0.10000000000000001": "threshold=0", "decision_type=2": "decision_type=1"}
    categories = forests.LIGHTGBM
    for old, new in lines.items():
        categories = categories.replace(old, new, 1)
    return [forests.LIGHTGBM, categories]


def lightgbm_jsons() -> list[dict]:
    categories = copy.deepcopy(files.LIGHTGBM_JSON)
    categories["tree_info"][0]["tree_structure"] |= {"decision_type": "==", "threshold": "0||2||33"}
    return [files.LIGHTGBM_JSON, categories]


def conifer_models() -> list[dict]:
    made = conifer.model(np.random.default_rng(5), trees=2, depth=2)
    classes = conifer.model(np.random.default_rng(6), trees=2, depth=1, classes=3, splitting_convention="<")
    return [made, classes, conifer.typed(made, "ap_fixed<10,4>", "ap_fixed<10,4>", "ap_fixed<9,2>")]


def tmva_texts() -> list[str]:
    return list(tmva.models(np.random.default_rng(8)).values())


def onnx_models() -> list[ModelProto]:
    random = np.random.default_rng(9)
    trees = ensembles.random_trees(random, [ensembles.LEQ, ensembles.LT, ensembles.EQ], count=3, depth=2)
    targets = ensembles.leaf_weights(random, trees, "target", 2)
    scaled = ensembles.random_trees(random, [ensembles.LEQ, ensembles.GT], count=3, depth=2)
    classes = ensembles.leaf_weights(random, scaled, "class", 3)
    make = ensembles.helper.make_node
    about = {"domain": ensembles.DOMAIN}
    regressor = make("TreeEnsembleRegressor", ["x"], ["y"], n_targets=2, base_values=[0.5, 0.25], **about, **trees, **targets)
    names = {"classlabels_strings": ["a", "b", "c"], "post_transform": "SOFTMAX"}
    classifier = make("TreeEnsembleClassifier", ["s"], ["l", "p"], **about, **names, **scaled, **classes)
    scaler = make("Scaler", ["x"], ["s"], offset=[0.5] * ensembles.FEATURES, scale=[2.0] * ensembles.FEATURES, **about)
    port = ensembles.port
    return [
        ensembles.model([regressor], [port("y")]),
        ensembles.model([scaler, classifier], [port("l", TensorProto.INT64, 1), port("p")]),
        ensembles.model([ensembles.ensemble()], [port("y")], 5),
    ]


def change_bytes(data: bytes, mutator: Mutator) -> bytes:
    """Flips, replaces, drops, repeats, moves and cuts bytes."""
    random, changed = mutator.random, bytearray(data)
    for _ in range(int(random.integers(1, 4))):
        at, way, count = int(random.integers(0, len(changed) + 1)), random.integers(0, 8), int(random.integers(1, 20))
        if way == 0:
            del changed[at:]
        elif way == 1:
            del changed[at : at + count]
        elif way == 2:
            changed[at:at] = changed[at : at + count]
        elif way == 3:
            other = int(random.integers(0, len(changed) + 1))
            changed[at : at + count] = changed[other : other + count]
        elif way == 4:
            changed[at : at + 4] = struct.pack(mutator.pick("<>") + "i", mutator.pick((-1, 0, 1, 2, 1 << 20, -(1 << 31), (1 << 31) - 1)))
        elif way == 5:
            changed[at:at] = mutator.pick((b"nan", b"-1", b"1e999", b"99999999999999999999", b"\0", b"\xff\xfe", b"[", b"{", b'"', b"<", b"&#0;", b" ", b"\n", b"="))
        elif at < len(changed):
            changed[at] = int(random.integers(0, 256)) if way == 6 else changed[at] ^ 1 << int(random.integers(0, 8))
    return bytes(changed)


def change_values(original: Any, mutator: Mutator) -> Any:
    """Changes a JSON value where trees hurt: children that lead back, lists of another length, fields of others, numbers that are none."""
    value = copy.deepcopy(original)
    for _ in range(mutator.pick((1, 1, 1, 2, 3))):
        places = list(parts(value))
        if not places:
            break
        holder, key = mutator.pick(places)
        lists = [v for h, k in places if isinstance(v := h[k], list) and v]
        what = mutator.random.integers(8)
        if what == 0:
            del holder[key]
        elif what == 1:
            other, at = mutator.pick(places)
            holder[key] = copy.deepcopy(other[at])
        elif what <= 3 and lists:
            chosen = mutator.pick(lists)
            at = int(mutator.random.integers(len(chosen)))
            chosen[at] = mutator.pick((copy.copy(mutator.pick(chosen)), at, at - 1, at + 1, len(chosen), -1, math.nan))
        elif what == 4 and lists:
            chosen = mutator.pick(lists)
            if mutator.random.random() < 0.5:
                chosen.append(copy.deepcopy(mutator.pick(chosen)))
            else:
                del chosen[int(mutator.random.integers(len(chosen))) :]
        else:
            holder[key] = copy.deepcopy(mutator.pick(HOSTILE))
    return value


def twice(value: dict, mutator: Mutator) -> bytes:
    """Writes JSON in which one field of one object is there twice."""
    text = json.dumps(value)
    entries = [(k, json.dumps(v)) for k, v in value.items()]
    key, written = mutator.pick(entries)
    return (text[:-1] + f", {json.dumps(key)}: {mutator.pick((written, 'null', '0', '[]'))}}}").encode()


def change_lines(text: str, mutator: Mutator) -> bytes:
    """Changes lines KEY=VALUE: entries, lengths, keys that are missing or there twice."""
    lines = text.split("\n")
    for _ in range(mutator.pick((1, 1, 2, 3))):
        at = int(mutator.random.integers(len(lines)))
        key, separator, value = lines[at].partition("=")
        words, what = value.split(" "), mutator.random.integers(7)
        if what == 0:
            del lines[at]
        elif what == 1:
            lines.insert(int(mutator.random.integers(len(lines) + 1)), lines[at])
        elif what == 2:
            words.append(mutator.pick(words))
            lines[at] = key + separator + " ".join(words)
        elif what == 3:
            lines[at] = key + separator + " ".join(words[:-1])
        else:
            words[int(mutator.random.integers(len(words)))] = str(mutator.pick((*HOSTILE, *range(-4, 4))))
            lines[at] = key + separator + " ".join(words)
        if not lines:
            break
    return "\n".join(lines).encode()


def change_elements(text: str, mutator: Mutator) -> bytes:
    """Exchanges, drops and doubles elements, and gives attributes and texts other values."""
    root = ET.fromstring(text)
    for _ in range(mutator.pick((1, 1, 2, 3))):
        places = [(parent, child) for parent in root.iter() for child in parent]
        if not places:
            break
        parent, child = mutator.pick(places)
        what = mutator.random.integers(7)
        if what == 0:
            parent.remove(child)
        elif what == 1:
            parent.append(copy.deepcopy(child))
        elif what == 2:
            parent.insert(0, copy.deepcopy(mutator.pick(places)[1]))
        elif what == 3 and child.text and child.text.split():
            child.text = printable(mutator.pick(HOSTILE))
        elif child.attrib and what == 4:
            del child.attrib[mutator.pick(child.attrib)]
        elif child.attrib:
            child.set(mutator.pick(child.attrib), printable(mutator.pick((*HOSTILE, "l", "r", "Grad", "Bagging", "Regression", "Multiclass"))))
    data = ET.tostring(root)
    return gzip.compress(data) if mutator.random.random() < 0.1 else data


def printable(value: Any) -> str:
    return "".join(c if c.isprintable() else " " for c in str(value))


def change_attributes(original: ModelProto, mutator: Mutator) -> bytes:
    """Changes what tree operators hold: entries, lengths, types, tensors; now and then what stands around them."""
    model = ModelProto()
    model.CopyFrom(original)
    if mutator.random.random() < 0.15:
        return mutator.onnx(original).SerializeToString()
    for _ in range(mutator.pick((1, 1, 2, 3))):
        node = mutator.pick(model.graph.node)
        if not node.attribute:
            continue
        chosen = mutator.pick(node.attribute)
        what = mutator.random.integers(8)
        listed = next((c for c in (chosen.ints, chosen.floats, chosen.strings) if len(c)), None)
        if what == 0:
            node.attribute.remove(chosen)
        elif what == 1:
            node.attribute.append(chosen)
        elif what == 2:
            chosen.type = mutator.pick((AttributeProto.INT, AttributeProto.INTS, AttributeProto.FLOATS, AttributeProto.STRINGS, AttributeProto.TENSOR))
        elif listed is not None and what == 3:
            del listed[int(mutator.random.integers(len(listed))) :]
        elif listed is not None and what == 4:
            listed.append(mutator.pick(listed))
        elif chosen.type == AttributeProto.TENSOR and chosen.t.data_type in (TensorProto.FLOAT, TensorProto.UINT8):
            array = numpy_helper.to_array(chosen.t).copy()
            if array.size:
                array.flat[int(mutator.random.integers(array.size))] = mutator.pick((0, 1, 2, 5, 200) if array.dtype == np.uint8 else (0, 1, -1, 5, 1e30, math.nan, math.inf))
            chosen.t.CopyFrom(numpy_helper.from_array(array[: mutator.pick((array.size, array.size, array.size, 1))]))
        elif chosen.type == AttributeProto.INT:
            chosen.i = mutator.pick((-1, 0, 1, 2, 3, 1 << 12, 1 << 20, 1 << 40, -(1 << 63)))
        elif chosen.type == AttributeProto.STRING:
            chosen.s = mutator.pick((b"", b"SUM", b"AVERAGE", b"MIN", b"LOGISTIC", b"SOFTMAX", b"PROBIT", b"\xff"))
        elif listed is not None:
            at = int(mutator.random.integers(len(listed)))
            if listed is chosen.ints:
                listed[at] = mutator.pick((mutator.pick(listed), -1, 0, 1, 2, 4, 7, 1 << 31, -(1 << 63)))
            elif listed is chosen.floats:
                listed[at] = mutator.pick((0.0, -1.0, 1e38, 1e-45, math.nan, math.inf))
            else:
                listed[at] = mutator.pick((mutator.pick(listed), b"", b"BRANCH_GT", b"BRANCH_NEQ", b"LEAF", b"\xff", b"BRANCH_MEMBER"))
    return model.SerializeToString()


def ways() -> dict[str, list[Change]]:
    """Returns for each format how its files are changed."""
    boosters, texts, elements, graphs = xgboost_models(), lightgbm_texts(), tmva_texts(), onnx_models()
    binaries = [files.binary(forests.xgboost([forests.STUMP, forests.DEEPER])), files.binary(forests.xgboost([forests.STUMP]), b"", (0, 0), padding=4)]
    binaries.append(files.binary(forests.xgboost([forests.STUMP, forests.DEEPER]), booster="dart", weights=[1.0, 0.5]))

    def json_ways(models: list[dict], write: Callable[[Any], bytes] = as_json) -> list[Change]:
        values: Change = lambda m: write(change_values(m.pick(models), m))  # noqa: E731
        own: list[Change] = [values, values, lambda m: write(m.json(m.pick(models))), lambda m: change_bytes(write(m.pick(models)), m)]
        return own + ([lambda m: twice(m.pick(models), m)] if write is as_json else [])

    return {
        "xgboost_json": json_ways(boosters),
        "xgboost_ubjson": json_ways(boosters, typed_ubjson),
        "xgboost_binary": [lambda m: change_bytes(m.pick(binaries), m)],
        "lightgbm_text": [lambda m: change_lines(m.pick(texts), m), lambda m: change_bytes(m.pick(texts).encode(), m)],
        "lightgbm_json": json_ways(lightgbm_jsons()),
        "catboost_json": json_ways([files.CATBOOST, files.CATBOOST_NESTED]),
        "conifer_json": json_ways(conifer_models()),
        "tmva_xml": [lambda m: change_elements(m.pick(elements), m), lambda m: change_bytes(m.pick(elements).encode(), m)],
        "tmva_gzip": [lambda m: change_bytes(gzip.compress(m.pick(elements).encode(), mtime=0), m)],
        "onnx": [lambda m: change_attributes(m.pick(graphs), m), lambda m: change_bytes(m.pick(graphs).SerializeToString(), m)],
    }


def estimators() -> list[Any]:
    """Small forests of scikit-learn, one of every way in which it stores trees."""
    from sklearn import ensemble, tree
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    random = np.random.default_rng(10)
    x = random.normal(size=(80, 3))
    x[:, 2] = random.integers(0, 5, 80)
    y = (x[:, 0] + (x[:, 2] == 3) > 0).astype(int) + (x[:, 1] > 1)
    few = {"n_estimators": 2, "random_state": 1}
    category = {"categorical_features": [2], "max_iter": 2, "min_samples_leaf": 5}
    made = [
        tree.DecisionTreeClassifier(max_depth=2),
        ensemble.RandomForestRegressor(max_depth=2, **few),
        ensemble.GradientBoostingClassifier(max_depth=2, **few),
        ensemble.HistGradientBoostingClassifier(**category),
        ensemble.AdaBoostClassifier(tree.DecisionTreeClassifier(max_depth=1), **few),
        ensemble.IsolationForest(max_samples=16, **few),
        make_pipeline(StandardScaler(), ensemble.RandomForestClassifier(max_depth=2, **few)),
    ]
    return [estimator.fit(x, y) for estimator in made]


def change_estimator(original: Any, mutator: Mutator) -> Any:
    """Changes what a fitted object holds, in whatever object of its own: attributes, and entries and lengths of its arrays and trees."""
    changed = copy.deepcopy(original)
    for _ in range(mutator.pick((1, 1, 2))):
        places = list(held(changed))
        holder, key = mutator.pick(places)
        value = holder[key]
        if type(value).__name__ == "Tree":
            holder[key] = change_tree(value, mutator)
        elif isinstance(value, np.ndarray) and value.size and mutator.random.random() < 0.7:
            array = value.copy()
            if mutator.random.random() < 0.2:
                array = array[:-1]
            elif array.dtype.names:
                change_entry(array[mutator.pick(array.dtype.names)], mutator)
            else:
                change_entry(array, mutator)
            holder[key] = array
        else:
            holder[key] = copy.deepcopy(mutator.pick((*HOSTILE, 1 << 18, mutator.pick(places)[0])))
    return changed


def held(value: Any, depth: int = 0) -> list[tuple[Any, Any]]:
    """Returns what an object holds, its parts' parts too, as what holds it and its key."""
    if isinstance(value, np.ndarray) and value.dtype == object:
        return [place for entry in value.flat for place in held(entry, depth)]
    attributes = value if isinstance(value, (dict, list)) else getattr(value, "__dict__", None)
    if attributes is None or depth > 6:
        return []
    keys = range(len(attributes)) if isinstance(attributes, list) else [key for key in attributes if key != "random_state"]
    return [place for key in keys for place in ((attributes, key), *held(attributes[key], depth + 1))]


def change_tree(tree: Any, mutator: Mutator) -> Any:
    """Returns a tree of scikit-learn with one number of a node, or of what it holds for it, changed."""
    made, (_, (features, classes, outputs), state) = type(tree), tree.__reduce__()
    state = dict(state)
    key = mutator.pick(("nodes", "nodes", "values"))
    array = state[key] = state[key].copy()
    change_entry(array[mutator.pick(array.dtype.names)] if key == "nodes" else array, mutator)
    changed = made(features, classes, outputs)
    changed.__setstate__(state)
    return changed


def change_entry(array: np.ndarray, mutator: Mutator) -> None:
    at = int(mutator.random.integers(array.size))
    numbers = (0, 1, -1, -2, 2, array.size, 100) if array.dtype.kind in "iu" else (0.0, -1.0, 1e38, 1e300, math.nan, math.inf, -math.inf)
    with np.errstate(all="ignore"):
        chosen = mutator.pick((mutator.pick(array.flat), *numbers)) if array.dtype.kind != "O" else mutator.pick((None, "x", 3))
        array.flat[at] = np.array(chosen).astype(array.dtype)
