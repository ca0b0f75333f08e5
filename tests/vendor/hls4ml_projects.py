"""The random networks of random_networks.py as whole projects of hls4ml: what model.compile() and predict() give, beside what the
firmware's headers gave there and kaon's types with them. Shows that comparing with the headers is comparing with hls4ml.

Wants a Python with hls4ml and what it depends on, keras left out. Exit code 77 without it: skipped.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import random_networks as networks


def layers_of(writer: networks.Writer) -> tuple[list[dict], dict[str, dict]]:
    """Returns hls4ml's list of layers, and its configuration of each: precisions and table sizes."""
    import numpy as np

    found: list[dict] = [{"class_name": "InputLayer", "name": "x", "input_shape": [writer.inputs]}]
    config: dict[str, dict] = {"x": {"Precision": {"result": writer.input.ap()}}}
    size = writer.inputs
    for number, layer in enumerate(writer.plan):
        name = f"layer{number}"
        description: dict = {"name": name, "inputs": [found[-1]["name"]]}
        if layer.kind == "dense":
            description |= {"class_name": "Dense", "n_in": size, "n_out": layer.size, "use_bias": True,
                            "weight_data": np.array(layer.values["weight"]).reshape(size, layer.size),
                            "bias_data": np.array(layer.values["bias"])}
        elif layer.kind == "softmax":
            description |= {"class_name": "Softmax", "activation": "softmax", "n_in": size, "axis": -1,
                            "implementation": layer.attributes["implementation"]}
        else:
            description |= {"class_name": "Activation", "activation": layer.kind, "n_in": size}
        found.append(description)
        config[name] = {"Precision": {part: t.ap() for part, t in layer.types.items()}}
        # Types of an activation are no precisions of hls4ml 1.3's configuration of a layer, but entries beside them. The one of what
        # softmax subtracts it derives from the input's, as the drawn network does.
        if layer.kind != "dense":
            config[name] |= {f"{part}_t": t.ap() for part, t in layer.types.items() if part not in ("result", "inp_norm")}
        if "table_size" in layer.attributes:
            config[name]["TableSize"] = layer.attributes["table_size"]
        if "implementation" in layer.attributes:
            config[name]["Implementation"] = layer.attributes["implementation"]
        size = layer.size
    return found, config


def is_hls4mls(writer: networks.Writer) -> bool:
    """Whether hls4ml can be asked for the network: its softmax has tables as long as their shorter address, and one type for both in
    `legacy`."""
    softmax = [layer for layer in writer.plan if layer.kind == "softmax"]
    sizes = [writer.input, *(layer.types["result"] for layer in writer.plan)]
    return all(layer.attributes["implementation"] in ("stable", "latency", "argmax") and sizes[-2].width > 10
               and layer.types["inv_table"].width >= 10 for layer in softmax)


def different(writer: networks.Writer, rows: Path, folder: Path) -> tuple[int, int]:
    """Returns how many outputs a project was asked for, and how many were not as in the rows."""
    import numpy as np
    from hls4ml.model.graph import ModelGraph

    table = np.loadtxt(rows, ndmin=2)
    found, layer_config = layers_of(writer)
    config = {
        "OutputDir": str(folder), "ProjectName": "myproject", "Backend": "Vivado", "IOType": "io_parallel", "Part": "xcvu13p-flga2577-2-e",
        "ClockPeriod": 5, "ClockUncertainty": "12.5%", "Stamp": "kaon",
        "HLSConfig": {"Model": {"Precision": "ap_fixed<16,6>", "ReuseFactor": 1, "Strategy": "Latency"}, "LayerName": layer_config},
    }
    graph = ModelGraph.from_layer_list(config, found, ["x"], [found[-1]["name"]])
    graph.compile()
    x = np.ascontiguousarray(table[:, : writer.inputs])
    y = np.asarray(graph.predict(x)).reshape(len(x), -1)
    return y.size, int((y != table[:, writer.inputs :]).sum())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=int, default=12)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--compiler", default="c++")
    arguments = parser.parse_args()
    try:
        import hls4ml.model.graph  # noqa: F401
    except ImportError as error:
        print(f"SKIPPED: hls4ml with what it depends on is not installed ({error})")
        return 77
    templates = networks.firmware()
    assert templates is not None
    flags = [*networks.FLAGS, "-isystem", str(templates / "ap_types"), "-isystem", str(templates)]
    done, outputs, wrong, seed = 0, 0, 0, arguments.first
    while done < arguments.networks:
        writer = networks.Writer(seed)
        writer.write()
        if is_hls4mls(writer):
            with tempfile.TemporaryDirectory() as scratch:
                work = Path(scratch)
                (work / "network.cpp").write_text(networks.program([seed]))
                subprocess.run([arguments.compiler, *flags, str(work / "network.cpp"), "-o", str(work / "network")], check=True)
                ran = subprocess.run([str(work / "network"), str(work)], check=True, capture_output=True, text=True).stdout
                kaons = int(re.findall(r"(\d+) different", ran)[0])
                count, bad = different(writer, work / f"network_{seed}.txt", work / "project")
            print(f"network_{seed}: {writer.shape()}: {count} outputs; hls4ml's project beside its headers {bad} different, "
                  f"the headers beside kaon {kaons}", flush=True)
            done, outputs, wrong = done + 1, outputs + count, wrong + bad + kaons
        seed += 1
    print(f"{done} networks, {outputs} outputs, {wrong} different")
    return 0 if wrong == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
