"""Tree ensembles of ONNX's domain ai.onnx.ml: TreeEnsembleClassifier, TreeEnsembleRegressor, TreeEnsemble (version 5), and what stands around them.

Each node compares a feature with a value in float32 and leads to its true or its false node; all modes become splits to the
left. x == v for whole numbers becomes a category, for features that hold such. A missing value makes a comparison false, unless the
node says that it tracks to true. Of two classes with weights for one alone the other's score follows as in ONNX Runtime, for the standard
leaves it open. Labels are dropped where there are scores: they are the largest of those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import AttributeProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

from kaon.error import Refused, one_line
from kaon.forest import MAXIMUM_NODES, Tree, forest_node, refuse_loops
from kaon.graph import Node
from kaon.importers.trees.estimators import unscale
from kaon.importers.trees.links import Step, by_output, link, refuse_large, two_sided

if TYPE_CHECKING:
    from kaon.importers.onnx import Reader

DOMAIN = "ai.onnx.ml"
NEWEST = 5
SINCE, UNTIL = 7, 9
"""Exporters of trees name old operator sets, in which what stands around trees means what it means in the oldest that is read."""
MAXIMUM_OUTPUTS = 1 << 12
LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, EQUAL, NOT_EQUAL, MEMBER, LEAF = "LT", "LEQ", "GT", "GTE", "EQ", "NEQ", "MEMBER", "LEAF"
MODES = (LESS_EQUAL, LESS, GREATER_EQUAL, GREATER, EQUAL, NOT_EQUAL, MEMBER)
"""Of TreeEnsemble, by number."""
TRANSFORMS = {"NONE": None, "LOGISTIC": "sigmoid", "SOFTMAX": "softmax"}
LABEL_MAKERS = ("ArgMax", "TreeEnsembleClassifier")


@dataclass
class Splits:
    """Trees as they are read. leaves: of each tree [nodes][targets]."""

    trees: list[Tree]
    modes: list[list[str]]
    leaves: list[np.ndarray]
    """Each tree's [nodes][targets]; zeros at splits."""


def prepare(place: str, model: ModelProto) -> dict[str, list[str]]:
    """Takes labels and dictionaries out of a model, in place; returns the classes' names of outputs that have such.

    An output of labels is dropped where another output remains; ZipMap becomes Identity, its output a tensor.
    """
    graph = model.graph
    if not any(node.domain == DOMAIN for node in graph.node):
        return {}
    version = next((o.version for o in model.opset_import if o.domain == DOMAIN), NEWEST)
    if not 1 <= version <= NEWEST:
        raise Refused(place, f"it is written for version {version} of {DOMAIN}", f"export it for one from 1 to {NEWEST}")
    standard = next((o for o in model.opset_import if o.domain in ("", "ai.onnx")), None)
    if standard is None and all(node.domain == DOMAIN for node in graph.node):
        model.opset_import.append(helper.make_opsetid("", UNTIL))
    if standard is not None and SINCE <= standard.version < UNTIL and not any(node.op_type == "BatchNormalization" for node in graph.node):
        standard.version = UNTIL
    writers = {output: node for node in graph.node for output in node.output}
    numbers = [output for output in graph.output if not is_label(output.name, writers)]
    if not numbers:
        raise Refused(place, "it gives labels alone", "export it with its probabilities or scores, too")
    if len(numbers) < len(graph.output):
        kept = [copied(output) for output in numbers]
        del graph.output[:]
        graph.output.extend(kept)
    classes: dict[str, list[str]] = {}
    for node in graph.node:
        if node.domain == DOMAIN and node.op_type == "TreeEnsembleClassifier" and len(node.output) == 2:
            del node.output[0]
            classes[node.output[0]] = class_labels(node)
        if node.domain == DOMAIN and node.op_type == "ZipMap" and len(node.output) == 1:
            classes[node.output[0]] = class_labels(node)
            node.op_type, node.domain = "Identity", ""
            del node.attribute[:]
    for output in graph.output:
        if output.name in classes and output.type.WhichOneof("value") != "tensor_type":
            output.type.Clear()
    return classes


def class_labels(node: NodeProto) -> list[str]:
    listed = {a.name: a for a in node.attribute}
    if "classlabels_strings" in listed:
        return [text.decode("utf-8", "replace") for text in listed["classlabels_strings"].strings]
    return [str(number) for number in listed["classlabels_int64s"].ints] if "classlabels_int64s" in listed else []


def scores_alone(model: ModelProto) -> None:
    """Makes a model give its scores alone, as tensors, in place: for ONNX Runtime, which runs what is left as it was."""
    writers = {output: node for node in model.graph.node for output in node.output}
    kept = [copied(output) for output in model.graph.output if not is_label(output.name, writers)]
    for output in kept:
        node = writers.get(output.name)
        if node is not None and node.op_type == "ZipMap":
            output.CopyFrom(helper.make_tensor_value_info(node.input[0], TensorProto.FLOAT, ["rows", None]))
    if kept and any(node.domain == DOMAIN for node in model.graph.node):
        del model.graph.output[:]
        model.graph.output.extend(kept)


def copied(value: Any) -> Any:
    other = type(value)()
    other.CopyFrom(value)
    return other


def is_label(value: str, writers: dict[str, NodeProto]) -> bool:
    """Whether a value is the label of a classifier, or made of such alone."""
    seen = set()
    while value in writers and value not in seen:
        seen.add(value)
        node = writers[value]
        if node.op_type in LABEL_MAKERS:
            return node.op_type == "ArgMax" or (len(node.output) == 2 and value == node.output[0])
        position = 1 if node.op_type == "ArrayFeatureExtractor" else 0
        if len(node.input) <= position or node.op_type not in ("ArrayFeatureExtractor", "Cast", "Identity", "LabelEncoder", "Reshape", "Squeeze"):
            return False
        value = node.input[position]
    return False


def read_classifier(reader: Reader, node: NodeProto) -> None:
    labels = [a for a in node.attribute if a.name in ("classlabels_int64s", "classlabels_strings")]
    count = sum(len(a.ints) + len(a.strings) for a in labels)
    if len(labels) != 1 or not 1 < count <= MAXIMUM_OUTPUTS:
        raise Refused(reader.where(node), f"it has {count} class labels", "export a classifier of at least two classes")
    transform = transform_of(reader, node, reader.text(node, "post_transform", "NONE"))
    ids = integers(reader, node, "class_ids")
    base = reals(reader, node, "base_values")
    single = count == 2 and len(set(ids.tolist())) == 1 and len(base) < 2 and (ids == 0).all()
    splits = read_splits(reader, node, "class", 1 if single else count)
    if single:
        positive = reals(reader, node, "class_weights").min(initial=0) >= 0
        if transform != "LOGISTIC" and not (positive and transform == "NONE"):
            raise Refused(reader.where(node), f"two classes with weights for one, some negative, and {transform} after them", "export it with LOGISTIC")
        steps = [two_sided(1, 0), Step("sigmoid")] if transform == "LOGISTIC" else [two_sided(1, 1)]
        finish(reader, node, splits, base if len(base) else np.zeros(1), steps)
        return
    if len(base) not in (0, count) or (count == 2 and len(base) > 0):
        raise Refused(reader.where(node), f"{len(base)} base values for {count} classes", "export it without base_values")
    if count == 2 and not every_leaf_has(reader, node, ids):
        raise Refused(reader.where(node), "two classes, and leaves without a weight for the second", "export it with weights of both in each leaf")
    finish(reader, node, splits, base if len(base) else np.zeros(count), link(TRANSFORMS[transform]))


def every_leaf_has(reader: Reader, node: NodeProto, ids: np.ndarray) -> bool:
    """Whether each leaf has a weight for class 1."""
    keys = list(zip(integers(reader, node, "class_treeids").tolist(), integers(reader, node, "class_nodeids").tolist()))
    return {key for key, chosen in zip(keys, ids.tolist()) if chosen == 1} == set(keys)


def read_regressor(reader: Reader, node: NodeProto) -> None:
    targets = reader.integer(node, "n_targets", 1)
    transform = transform_of(reader, node, reader.text(node, "post_transform", "NONE"))
    if transform != "NONE" and targets == 1:
        raise Refused(reader.where(node), f"the transform {transform} of one target, which ONNX Runtime leaves out", "export it with an operator of its own behind")
    how = reader.text(node, "aggregate_function", "SUM")
    splits = read_splits(reader, node, "target", targets)
    base = reals(reader, node, "base_values")
    if len(base) not in (0, targets):
        raise Refused(reader.where(node), f"{len(base)} base values for {targets} targets", "export it again")
    aggregate(reader, node, splits, how)
    finish(reader, node, splits, base if len(base) else np.zeros(targets), link(TRANSFORMS[transform]))


def aggregate(reader: Reader, node: NodeProto, splits: Splits, how: str) -> None:
    if how not in ("SUM", "AVERAGE"):
        raise Refused(reader.where(node), f"it takes the {one_line(how, 20)} of its trees", "supported: SUM, AVERAGE")
    if how == "AVERAGE":
        splits.leaves = [leaves / len(splits.trees) for leaves in splits.leaves]


def transform_of(reader: Reader, node: NodeProto, name: str) -> str:
    if name not in TRANSFORMS:
        raise Refused(reader.where(node), f"the transform {one_line(name, 20)} is not supported", f"supported: {', '.join(TRANSFORMS)}")
    return name


def attribute(reader: Reader, node: NodeProto, name: str) -> AttributeProto | None:
    return next((a for a in node.attribute if a.name == name), None)


def integers(reader: Reader, node: NodeProto, name: str) -> np.ndarray:
    found = attribute(reader, node, name)
    if found is not None and found.type != AttributeProto.INTS:
        raise Refused(reader.where(node), f"attribute {name!r} has the wrong type", "export the model again")
    return np.array([] if found is None else list(found.ints), np.int64)


def refuse_other_flags(reader: Reader, node: NodeProto, flags: np.ndarray) -> None:
    if not np.isin(flags, (0, 1)).all():
        raise Refused(f"{reader.where(node)}.nodes_missing_value_tracks_true", "an entry is neither 0 nor 1", "export the model again")


def reals(reader: Reader, node: NodeProto, name: str, unread: Sequence[int] = ()) -> np.ndarray:
    """Returns the finite numbers of an attribute, or of the tensor that stands for it from version 3 on. unread: which may be anything."""
    found = attribute(reader, node, name)
    tensor = attribute(reader, node, f"{name}_as_tensor")
    if tensor is not None:
        found = tensor
    if found is None:
        return np.zeros(0)
    if found.type == AttributeProto.TENSOR:
        values = reader.array(found.t, f"node {node.name!r}, {found.name}").reshape(-1)
    elif found.type == AttributeProto.FLOATS:
        values = np.array(list(found.floats), np.float64)
    else:
        raise Refused(reader.where(node), f"attribute {name!r} has the wrong type", "export the model again")
    return finite(reader, node, name, np.where(np.isin(np.arange(len(values)), unread), 0, values))


def finite(reader: Reader, node: NodeProto, name: str, values: np.ndarray) -> np.ndarray:
    if not np.isfinite(values).all():
        where = int(np.isfinite(values).argmin())
        raise Refused(f"{reader.where(node)}.{name}[{where}]", f"it is {values[where]}", "train or export the model again")
    return values


def texts(reader: Reader, node: NodeProto, name: str) -> list[str]:
    found = attribute(reader, node, name)
    if found is None or found.type != AttributeProto.STRINGS:
        raise Refused(reader.where(node), f"attribute {name!r} is missing or of the wrong type", "export the model again")
    return [text.decode("utf-8", "replace") for text in found.strings]


def read_splits(reader: Reader, node: NodeProto, what: str, outputs: int) -> Splits:
    """Reads the lists of nodes of the older operators. what: 'class' or 'target', whose weights the leaves have."""
    if not 0 < outputs <= MAXIMUM_OUTPUTS:
        raise Refused(reader.where(node), f"{outputs} targets", f"export a model of 1 to {MAXIMUM_OUTPUTS}")
    keys = ("nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_truenodeids", "nodes_falsenodeids")
    tree_ids, node_ids, features, true, false = (integers(reader, node, key) for key in keys)
    values = reals(reader, node, "nodes_values")
    modes = [mode.removeprefix("BRANCH_") for mode in texts(reader, node, "nodes_modes")]
    tracks = integers(reader, node, "nodes_missing_value_tracks_true")
    count = len(tree_ids)
    tracks = tracks if len(tracks) else np.zeros(count, np.int64)
    sizes = {len(node_ids), len(features), len(true), len(false), len(values), len(modes), len(tracks), count}
    if len(sizes) > 1 or not 0 < count <= MAXIMUM_NODES:
        raise Refused(reader.where(node), f"its lists of nodes have lengths from {min(sizes)} to {max(sizes)}", "export the model again")
    refuse_large(reader.where(node), count, outputs)
    refuse_other_flags(reader, node, tracks)
    strange = next((mode for mode in modes if mode not in (*MODES[:-1], LEAF)), None)
    if strange is not None:
        raise Refused(reader.where(node), f"no mode {one_line(strange, 20)!r}", f"supported: {', '.join((*MODES[:-1], LEAF))}")
    index: dict[tuple[int, int], int] = {}
    members: dict[int, list[int]] = {}
    for number, key in enumerate(zip(tree_ids.tolist(), node_ids.tolist())):
        if key in index:
            raise Refused(f"{reader.where(node)}.nodes_nodeids[{number}]", f"node {key[1]} of tree {key[0]} is there twice", "export the model again")
        index[key] = number
        members.setdefault(key[0], []).append(number)
    splits = Splits([], [], [])
    position = np.zeros(count, np.int64)
    """Of each node in its tree."""
    for tree_id, own in members.items():
        children = {}
        for number in own:
            if modes[number] == LEAF:
                continue
            pair = [index.get((tree_id, int(child[number])), -1) for child in (true, false)]
            if -1 in pair:
                wrong = int((true if pair[0] == -1 else false)[number])
                raise Refused(f"{reader.where(node)}, tree {tree_id}, node {int(node_ids[number])}", f"its child {wrong} is no node", "export the model again")
            children[number] = pair
        below = {child for pair in children.values() for child in pair}
        roots = [number for number in own if number not in below]
        reached = set(roots[:1])
        pending = roots[:1]
        while pending:
            pending = [child for number in pending for child in children.get(number, ()) if child not in reached]
            reached.update(pending)
        if len(roots) != 1 or len(reached) < len(own):
            cause = f"it has {len(roots)} roots, and {len(own) - len(reached)} nodes that the first does not lead to"
            raise Refused(f"{reader.where(node)}, tree {tree_id}", cause, "export the model again")
        order = [roots[0], *(number for number in own if number != roots[0])]
        position[order] = np.arange(len(order))
        none = (-1, -1)
        left, right = (np.array([position[children.get(n, none)[side]] if n in children else -1 for n in order]) for side in (0, 1))
        inner = left >= 0
        splits.trees.append(Tree(left, right, np.where(inner, features[order], -1), np.where(inner, values[order], 0), tracks[order] != 0))
        splits.modes.append([modes[number] for number in order])
        splits.leaves.append(np.zeros((len(order), outputs)))
    give_weights(reader, node, what, outputs, index, list(members), position, splits)
    return splits


def give_weights(
    reader: Reader, node: NodeProto, what: str, outputs: int, index: dict[tuple[int, int], int], order: list[int], position: np.ndarray, splits: Splits
) -> None:
    """Adds the weights to the leaves of splits. index, order, position: numbers of nodes, ids of trees, places of nodes in their trees."""
    trees, nodes, ids = (integers(reader, node, f"{what}_{key}") for key in ("treeids", "nodeids", "ids"))
    weights = reals(reader, node, f"{what}_weights")
    if not len(trees) == len(nodes) == len(ids) == len(weights):
        raise Refused(reader.where(node), f"{len(weights)} weights for {len(ids)} {what}_ids", "export the model again")
    rank = {tree: number for number, tree in enumerate(order)}
    for number, (tree, leaf, chosen, weight) in enumerate(zip(trees.tolist(), nodes.tolist(), ids.tolist(), weights.tolist())):
        found = index.get((tree, leaf), -1)
        place = -1 if found < 0 else int(position[found])
        if place < 0 or splits.modes[rank[tree]][place] != LEAF:
            raise Refused(f"{reader.where(node)}.{what}_nodeids[{number}]", f"node {leaf} of tree {tree} is no leaf", "export the model again")
        if not 0 <= chosen < outputs:
            raise Refused(f"{reader.where(node)}.{what}_ids[{number}]", f"{chosen} of {outputs}", "export the model again")
        splits.leaves[rank[tree]][place, chosen] += weight


def read_ensemble(reader: Reader, node: NodeProto) -> None:
    """TreeEnsemble, which version 5 has instead of the two others."""
    targets = reader.integer(node, "n_targets", 1)
    if not 0 < targets <= MAXIMUM_OUTPUTS:
        raise Refused(reader.where(node), f"{targets} targets", f"export a model of 1 to {MAXIMUM_OUTPUTS}")
    transform = reader.integer(node, "post_transform", 0)
    if transform != 0:  # the standard has SOFTMAX as 1 and LOGISTIC as 2, ONNX Runtime the other way round
        raise Refused(reader.where(node), f"the transform {transform} after its sums is not supported", "export it with an operator of its own behind")
    how = reader.integer(node, "aggregate_function", 1)
    keys = ("nodes_featureids", "nodes_truenodeids", "nodes_falsenodeids", "nodes_trueleafs", "nodes_falseleafs")
    features, true, false, true_leaf, false_leaf = (integers(reader, node, key) for key in keys)
    modes = mode_numbers(reader, node)
    values = reals(reader, node, "nodes_splits", [number for number, mode in enumerate(modes.tolist()) if MODES[mode] == MEMBER])
    tracks = integers(reader, node, "nodes_missing_value_tracks_true")
    tracks = tracks if len(tracks) else np.zeros(len(features), np.int64)
    refuse_large(reader.where(node), 2 * len(features) + 1, targets)
    refuse_other_flags(reader, node, tracks)
    leaf_ids, weights = integers(reader, node, "leaf_targetids"), reals(reader, node, "leaf_weights")
    sizes = {len(column) for column in (features, true, false, true_leaf, false_leaf, values, modes, tracks)}
    if len(sizes) > 1 or not 0 < len(features) <= MAXIMUM_NODES or len(leaf_ids) != len(weights):
        raise Refused(reader.where(node), f"its lists of nodes have lengths from {min(sizes)} to {max(sizes)}", "export the model again")
    if ((leaf_ids < 0) | (leaf_ids >= targets)).any():
        raise Refused(f"{reader.where(node)}.leaf_targetids", f"a leaf of a target beyond {targets}", "export the model again")
    sets = member_sets(reader, node, modes)
    splits = Splits([], [], [])
    visited = np.zeros(len(features), bool)
    for root in integers(reader, node, "tree_roots").tolist():
        rows: list[tuple[int, int, int, float, bool, str]] = []
        leaves: list[np.ndarray] = []
        categories: dict[int, np.ndarray] = {}
        pending = [(root, False, -1, 0)]
        while pending:
            at, is_leaf, parent, side = pending.pop()
            if not 0 <= at < (len(weights) if is_leaf else len(features)) or (not is_leaf and visited[at]):
                cause = f"its {'leaf' if is_leaf else 'node'} {at} is none, or reached twice"
                raise Refused(f"{reader.where(node)}, tree {len(splits.trees)}", cause, "export the model again")
            if not is_leaf:
                visited[at] = True
            here = len(rows)
            if parent >= 0:
                rows[parent] = (*rows[parent][:side], here, *rows[parent][side + 1 :])
            leaves.append(np.zeros(targets))
            if is_leaf:
                leaves[-1][leaf_ids[at]] = weights[at]
                rows.append((-1, -1, -1, 0.0, False, LEAF))
                continue
            if MODES[modes[at]] == MEMBER:
                categories[here] = sets[at]
            rows.append((-1, -1, int(features[at]), float(values[at]), bool(tracks[at]), MODES[modes[at]]))
            pending += [(int(false[at]), bool(false_leaf[at]), here, 1), (int(true[at]), bool(true_leaf[at]), here, 0)]
        columns = list(zip(*rows))
        splits.trees.append(Tree(*(np.array(column) for column in columns[:5]), categories))
        splits.modes.append(list(columns[5]))
        splits.leaves.append(np.array(leaves))
    if not splits.trees:
        raise Refused(reader.where(node), "it has no trees", "export the model again")
    aggregate(reader, node, splits, {0: "AVERAGE", 1: "SUM", 2: "MIN", 3: "MAX"}.get(how, str(how)))
    finish(reader, node, splits, np.zeros(targets), [])


def mode_numbers(reader: Reader, node: NodeProto) -> np.ndarray:
    found = attribute(reader, node, "nodes_modes")
    if found is None or found.type != AttributeProto.TENSOR or found.t.data_type != TensorProto.UINT8 or len(found.t.dims) != 1:
        raise Refused(reader.where(node), "attribute 'nodes_modes' is missing or of the wrong type", "export the model again")
    try:
        modes = numpy_helper.to_array(found.t)
    except Exception as error:  # of whatever kind onnx has for bytes that do not fit the shape
        raise Refused(reader.where(node), "the numbers of 'nodes_modes' do not fit its shape", "export the model again") from error
    if (modes >= len(MODES)).any():
        raise Refused(reader.where(node), f"no mode {int(modes.max())}", f"modes are 0 to {len(MODES) - 1}")
    return modes


def member_sets(reader: Reader, node: NodeProto, modes: np.ndarray) -> dict[int, np.ndarray]:
    """Returns the values of each node that asks for members; the lists of the nodes lie behind each other, a NaN behind each."""
    asked = [number for number, mode in enumerate(modes.tolist()) if MODES[mode] == MEMBER]
    found = attribute(reader, node, "membership_values")
    if not asked:
        return {}
    values = np.zeros(0) if found is None or found.type != AttributeProto.TENSOR else reader.array(found.t, f"node {node.name!r}, membership_values").reshape(-1)
    ends = np.flatnonzero(np.isnan(values))
    if len(ends) != len(asked):
        raise Refused(f"{reader.where(node)}.membership_values", f"{len(ends)} lists for {len(asked)} nodes", "export the model again")
    begins = [0, *(ends[:-1] + 1).tolist()]
    return {number: whole(reader, node, values[begin:end]) for number, begin, end in zip(asked, begins, ends.tolist())}


def whole(reader: Reader, node: NodeProto, values: np.ndarray) -> np.ndarray:
    if not ((values >= 0) & (values < 1 << 31) & (values == np.floor(values))).all():
        raise Refused(reader.where(node), "it compares for equality with what is no whole number from 0 on", "number categories from 0 on")
    return values.astype(np.int64)


def finish(reader: Reader, node: NodeProto, splits: Splits, base: np.ndarray, steps: list[Step]) -> None:
    """Makes the nodes: every mode as a split to the left, leaves as single numbers where each tree has one output."""
    value = node.input[0]
    shape = reader.shapes.get(value)
    if shape is None or len(shape) != 1:
        raise Refused(reader.where(node), "the number of features that it reads is not known", "export the model with a fixed number of features")
    or_equal = any(mode in (LESS_EQUAL, GREATER) for modes in splits.modes for mode in modes)
    for tree, modes in zip(splits.trees, splits.modes):
        to_the_left(reader, node, tree, np.array(modes), or_equal)
    depth = 0
    for number, tree in enumerate(splits.trees):
        refuse = refusal(reader.where(node), number)
        depth = max(depth, refuse_loops(tree, refuse, shape[0]))
    scaled, rounds = reader.scaled.get(value), True
    if scaled is not None and any(tree.categories for tree in splits.trees):
        scaled = None  # categories that are scaled before: computed, not folded
    if scaled is not None:
        value = scaled.source
        if not or_equal:
            raise_to_equal(splits.trees)
            or_equal = True
        unscale(reader.where(node), splits.trees, scaled.apply, shape[0], rounds=True)
        rounds = False
    trees = with_leaves(reader.where(node), splits, len(base))
    output = reader.only_output(node)
    names = [f"{output}/{number}" for number in range(len(steps))] + [output]
    made = forest_node(reader.where(node), trees, base, depth, or_equal, [value], names[0], node.op_type, rounds)
    made.name = node.name
    reader.nodes.append(made)
    for number, step in enumerate(steps):
        reader.nodes.append(Node(step.kind, [names[number]], names[number + 1], tensors=dict(step.tensors), origin=node.op_type))


def refusal(place: str, tree: int) -> Callable[[int, str], Refused]:
    return lambda at, cause: Refused(f"{place}, tree {tree}, node {at}", cause, "export the model again")


def to_the_left(reader: Reader, node: NodeProto, tree: Tree, modes: np.ndarray, or_equal: bool) -> None:
    """Makes a tree's true nodes the left ones, where x <= v, or with or_equal false x < v; swaps where the mode says the opposite."""
    swapped = np.isin(modes, (GREATER, GREATER_EQUAL, NOT_EQUAL))
    tracks = tree.missing_left.astype(bool)
    # A comparison with NaN is false, but x != v is true.
    to_true = tracks | (modes == NOT_EQUAL)
    tree.left, tree.right = np.where(swapped, tree.right, tree.left), np.where(swapped, tree.left, tree.right)
    tree.missing_left = to_true != swapped
    below = np.isin(modes, (LESS, GREATER_EQUAL))
    if or_equal:
        values = tree.values.astype(np.float32)
        with np.errstate(over="ignore"):
            values = np.where(below, np.nextafter(values, np.float32(-np.inf)), values)
        tree.values = values.astype(np.float64)
    equal = np.flatnonzero(np.isin(modes, (EQUAL, NOT_EQUAL)))
    for number in equal.tolist():
        tree.categories[number] = whole(reader, node, tree.values[number : number + 1])
    tree.values[list(tree.categories)] = 0


def raise_to_equal(trees: list[Tree]) -> None:
    """Makes splits by x < v ones by x <= v' with v' the float32 below v."""
    for tree in trees:
        tree.values = np.where(tree.left >= 0, np.nextafter(tree.values.astype(np.float32), np.float32(-np.inf)), tree.values).astype(np.float64)


def with_leaves(place: str, splits: Splits, outputs: int) -> list[Tree]:
    """Returns the trees with the numbers of their leaves, ordered by output where each has one."""
    own = [np.flatnonzero(leaves.any(axis=0)).tolist() for leaves in splits.leaves]
    if all(len(chosen) <= 1 for chosen in own):
        output_of = [chosen[0] if chosen else 0 for chosen in own]
        for tree, leaves, output in zip(splits.trees, splits.leaves, output_of):
            tree.values = np.where(tree.left >= 0, tree.values, leaves[:, output])
        return by_output(place, splits.trees, output_of, outputs)
    for tree, leaves in zip(splits.trees, splits.leaves):
        tree.leaf_values = leaves
    return splits.trees


@dataclass
class Scaled:
    """Features that operators scaled one by one, each growing with its own, in float32. source: the value that they read."""

    source: str
    steps: list[tuple[Callable[[np.ndarray, np.ndarray], np.ndarray], np.ndarray]]

    def apply(self, events: np.ndarray) -> np.ndarray:
        scaled = events.astype(np.float32)
        with np.errstate(over="ignore", invalid="ignore"):
            for function, constant in self.steps:
                scaled = function(scaled, constant)
        return scaled


def remember(reader: Reader, node: NodeProto, value: str, function: Callable[[np.ndarray, np.ndarray], np.ndarray], constant: np.ndarray) -> None:
    """Notes that an operator computed function(value, constant) for each feature: trees that read it fold it into their thresholds."""
    grows = function in (np.add, np.subtract) or (constant > 0).all()
    if not grows or constant.ndim != 1 or not np.isfinite(constant).all():
        return
    before = reader.scaled.get(value, Scaled(value, []))
    reader.scaled[node.output[0]] = Scaled(before.source, [*before.steps, (function, constant.astype(np.float32))])


def read_scaler(reader: Reader, node: NodeProto) -> None:
    """(x - offset) scale; in front of trees it is folded into their thresholds, as exactly as float32 computes it."""
    offset, scale = reals(reader, node, "offset"), reals(reader, node, "scale")
    shape = reader.shapes.get(node.input[0])
    if shape is None or len(shape) != 1 or any(len(numbers) not in (1, shape[0]) for numbers in (offset, scale)):
        raise Refused(reader.where(node), f"{len(offset)} offsets, {len(scale)} scales for a value of shape {shape}", "export it with a fixed number of features")
    reader.emit_scale(node, node.input[0], scale, -offset * scale)
    remember(reader, node, node.input[0], np.subtract, offset)
    if node.output[0] in reader.scaled:
        shifted = reader.scaled.pop(node.output[0])
        reader.scaled[f"{node.output[0]}/shifted"] = shifted
        remember(reader, node, f"{node.output[0]}/shifted", np.multiply, scale)


OPERATORS: dict[str, Callable[[Reader, NodeProto], None]] = {
    "Scaler": read_scaler,
    "TreeEnsemble": read_ensemble,
    "TreeEnsembleClassifier": read_classifier,
    "TreeEnsembleRegressor": read_regressor,
}
