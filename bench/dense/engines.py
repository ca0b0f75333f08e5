"""The engines of the dense bench: how each is included, made and linked, and whether it is installed."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from pathlib import Path

from kaon.reference import onnxruntime_library
from networks import Network


@dataclass(frozen=True)
class Engine:
    """One engine in the C++ program; `make` is a declaration's type and arguments."""

    name: str
    include: str
    kind: str
    arguments: str
    libraries: tuple[str, ...] = ()
    folders: tuple[Path, ...] = field(default=())


def installed(network: Network) -> tuple[list[Engine], list[str]]:
    """The engines that this machine has, kaon last, itself with reproducible sums before it, and one line for each that is absent."""
    found: list[Engine] = []
    absent: list[str] = []
    library = onnxruntime_library()
    if library is not None:
        found.append(Engine("onnxruntime", "harness/onnxruntime.hpp", "bench::onnxruntime_engine",
                            f'"{library}", directory + "/dynamic_batch.onnx", "features", "scores", inputs, outputs'))
    else:
        absent.append("onnxruntime: pip install onnxruntime")
    if importlib.util.find_spec("sofie") and any(Path("/usr/lib").glob("*/libopenblas.so")):
        found.append(Engine("sofie", "rivals/sofie.hpp", "bench::sofie_engine", "directory, inputs, outputs", ("-lopenblas",)))
    else:
        absent.append("sofie: pip install sofie, apt install libopenblas-pthread-dev")
    if Path("/usr/include/xnnpack.h").is_file():
        found.append(Engine("xnnpack", "rivals/xnnpack.hpp", "bench::xnnpack_engine", "given, inputs",
                            ("-lXNNPACK", "-lpthreadpool")))
    else:
        absent.append("xnnpack: apt install libxnnpack-dev libpthreadpool-dev")
    if Path("/usr/include/dnnl.hpp").is_file():
        found.append(Engine("onednn", "rivals/onednn.hpp", "bench::onednn_engine", "given, inputs", ("-ldnnl",)))
    else:
        absent.append("onednn: apt install libdnnl-dev")
    openvino = importlib.util.find_spec("openvino")
    if openvino and openvino.origin:
        folder = Path(openvino.origin).parent
        shared = sorted((folder / "libs").glob("libopenvino.so.*"))[0]
        found.append(Engine("openvino", "rivals/openvino.hpp", "bench::openvino_engine",
                            'directory + "/dynamic_batch.onnx", inputs, outputs',
                            (str(shared), f"-Wl,-rpath,{shared.parent}"), (folder / "include",)))
    else:
        absent.append("openvino: pip install openvino")
    if Path("/usr/include/eigen3").is_dir():
        found.append(Engine("eigen", "rivals/eigen.hpp", f"bench::eigen_engine<{', '.join(map(str, network.widths))}>",
                            "given, inputs", (), (Path("/usr/include/eigen3"),)))
    else:
        absent.append("eigen: apt install libeigen3-dev")
    found.append(Engine("reproducible", "harness/reproducible.hpp",
                        f"bench::reproducible_engine<{network.name}::network, {network.name}::parameters>", "inputs"))
    found.append(Engine("kaon", "harness/kaon.hpp", f"bench::kaon_engine<{network.name}::network, {network.name}::model>", "inputs"))
    return found, absent
