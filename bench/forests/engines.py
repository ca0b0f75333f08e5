"""The engines of the forest bench: what each needs written, how it is included, made and linked, and whether it is installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import formats
from forests import Arrays, Forest
from kaon.reference import onnxruntime_library

GENERATED = "bench::generated_engine<{name}_score> {name}(\"{name}\", inputs);"


@dataclass(frozen=True)
class Engine:
    """One engine: `declaration` makes an object of its name; `before` stands above main; `prepare` writes its files into the forest's
    folder and returns what to link. It is left out of forests of more than `most_nodes`."""

    name: str
    include: str
    declaration: str
    prepare: Callable[[Forest, Arrays, Path], list[Path]]
    before: str = ""
    folder: Path | None = None
    most_nodes: int = 1_000_000


def place_of(package: str) -> Path | None:
    """The folder of an installed Python package."""
    found = importlib.util.find_spec(package)
    return Path(found.origin).parent if found and found.origin else None


def written(write: Callable[[Arrays, Path], None], file: str) -> Callable[[Forest, Arrays, Path], list[Path]]:
    """What writes one file that the program reads or includes."""

    def prepare(forest: Forest, arrays: Arrays, directory: Path) -> list[Path]:
        write(arrays, directory / file)
        return []

    return prepare


YDF = """\
float ydf_score(const float* event) {
    forest_ydf::Instance instance;
    static_assert(sizeof instance == 16 * sizeof(float), "one number a feature");
    std::memcpy(&instance, event, sizeof instance);
    return forest_ydf::PredictUnsafe(instance);
}
"""

TL2CGEN = """\
union tl2cgen_entry { int missing; float value; int quantized; };
extern "C" void predict(tl2cgen_entry* data, int margin, float* result);
float tl2cgen_score(const float* event) {
    tl2cgen_entry entries[16];
    std::memcpy(entries, event, sizeof entries);
    float result = 0;
    predict(entries, 1, &result);
    return result;
}
"""


def installed() -> tuple[list[Engine], list[str]]:
    """The engines that this machine has, kaon last, and one line for each that is absent."""
    found: list[Engine] = []
    absent: list[str] = []

    def add(place: Path | None, name: str, make: Callable[[Path], Engine]) -> None:
        if place is not None and place.exists():
            found.append(make(place))
        else:
            absent.append(f"{name}: bench/forests/requirements.txt")

    add(onnxruntime_library(), "onnxruntime", lambda library: Engine(
        "onnxruntime", "harness/onnxruntime.hpp",
        f'bench::onnxruntime_engine onnxruntime("{library}", directory + "/forest.onnx", "features", "scores", inputs, 1);',
        written(formats.write_onnx, "forest.onnx")))
    add(place_of("xgboost"), "xgboost", lambda place: Engine(
        "xgboost", "forests/xgboost.hpp", f'bench::xgboost_engine xgboost("{place}/lib/libxgboost.so", directory, inputs);',
        lambda forest, arrays, directory: []))
    add(place_of("lightgbm"), "lightgbm", lambda place: Engine(
        "lightgbm", "forests/lightgbm.hpp", f'bench::lightgbm_engine lightgbm("{place}/lib/lib_lightgbm.so", directory, inputs);',
        written(formats.write_lightgbm, "lightgbm.txt")))
    add(place_of("ydf"), "ydf", lambda place: Engine(
        "ydf", "ydf.hpp", GENERATED.format(name="ydf"), written(formats.write_ydf, "ydf.hpp"), YDF))
    add(place_of("tl2cgen"), "tl2cgen", lambda place: Engine(
        "tl2cgen", "forests/generated.hpp", GENERATED.format(name="tl2cgen"),
        lambda forest, arrays, directory: formats.write_tl2cgen(directory / "model.ubj", forest, directory / "tl2cgen"), TL2CGEN))
    add(place_of("lleaves"), "lleaves", lambda place: Engine(
        "lleaves", "forests/lleaves.hpp", "bench::lleaves_engine lleaves(inputs);", write_lleaves, most_nodes=100_000))
    conifer = place_of("conifer")
    add(conifer and conifer / "backends/cpp/include", "conifer", lambda place: Engine(
        "conifer", "forests/conifer.hpp", "bench::conifer_engine conifer(directory, inputs);",
        written(formats.write_conifer, "conifer.json"), folder=place))
    found.append(Engine("kaon", "harness/kaon.hpp", "bench::kaon_engine<forest::network, forest::model> kaon(inputs);",
                        lambda forest, arrays, directory: []))
    return found, absent


def write_lleaves(forest: Forest, arrays: Arrays, directory: Path) -> list[Path]:
    formats.write_lightgbm(arrays, directory / "lightgbm.txt")
    return formats.write_lleaves(directory / "lightgbm.txt", forest, directory)
