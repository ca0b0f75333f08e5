"""Several versions of one model in one process: shared libraries, and object files of one program.

Every version has the same name, so that nothing but the header keeps them apart. The control takes that away and must be mixed up.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import kaon
from kaon.native.include import include_directory
from onnx_models import mlp

pytestmark = pytest.mark.usefixtures("native")

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "plugin"
BUILDS = [("g++", "-O0"), ("g++", "-O2"), ("clang++", "-O0"), ("clang++", "-O2")]


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> list[kaon.Package]:
    """Three versions of `jets`: the second with other numbers, the third with another hidden layer."""
    if not EXAMPLE.is_dir():
        pytest.skip("examples: no checkout around this package")
    folder, generator = tmp_path_factory.mktemp("versions"), np.random.default_rng(2718)
    models = [mlp(folder / f"{i}.onnx", generator, sizes=sizes) for i, sizes in enumerate([(4, 8, 3), (4, 8, 3), (4, 9, 3)])]
    return [kaon.convert(model, folder / f"v{i}", name="jets") for i, model in enumerate(models)]


def without_inner_namespace(version: kaon.Package, folder: Path) -> Path:
    """Writes the header as it would be without what tells versions apart; returns its folder."""
    text, count = re.subn(r"^(inline namespace v_[0-9a-f]{16} \{|\}  // namespace v_[0-9a-f]{16})$", "", version.file("header").read_text(), flags=re.M)
    assert count == 2
    folder.mkdir()
    (folder / "jets.hpp").write_text(text)
    return folder


def compiled(compiler: str, *arguments: object) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    command = [compiler, "-std=c++17", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-I", include_directory(), "-I", EXAMPLE, *arguments]
    subprocess.run([str(part) for part in command], check=True)


def loaded(compiler: str, level: str, headers: list[Path], scope: list[str], events: np.ndarray, folder: Path) -> np.ndarray:
    """Builds a plugin of each header's folder and the host; returns the scores [plugin][event][class]."""
    host, plugins = folder / "host", [folder / f"libjets_{i}.so" for i in range(len(headers))]
    if not host.exists():
        compiled(compiler, level, "-o", host, EXAMPLE / "host.cpp", "-ldl", "-pthread")
    for header, plugin in zip(headers, plugins):
        if not plugin.exists():
            compiled(compiler, level, "-shared", "-fPIC", "-I", header, "-o", plugin, EXAMPLE / "plugin.cpp")
    text = "\n".join(" ".join(str(x) for x in row) for row in events)
    done = subprocess.run([str(host), *scope, *map(str, plugins)], input=text, capture_output=True, text=True, check=True)
    return np.array(done.stdout.split(), dtype=np.float32).reshape(len(headers), len(events), -1)


def golden(versions: list[kaon.Package]) -> tuple[np.ndarray, np.ndarray]:
    """Returns the events of the first version and what float64 gives for them [version][event][class]."""
    from kaon.evaluate import evaluate

    events = versions[0].golden()[0]
    return next(iter(events.values())), np.array([next(iter(evaluate(v.graph, events).values())) for v in versions])


@pytest.mark.parametrize(("compiler", "level"), BUILDS)
def test_plugins(versions, tmp_path, compiler, level):
    chosen = versions if (compiler, level) == ("g++", "-O2") else versions[:2]
    events, expected = golden(chosen)
    for scope in ([], ["--global"]):
        scores = loaded(compiler, level, [v.directory for v in chosen], scope, events, tmp_path)
        np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("compiler", "level", "scope"), [("g++", "-O2", []), ("clang++", "-O2", ["--global"])])
def test_plugins_are_mixed_up_without_the_inner_namespace(versions, tmp_path, compiler, level, scope):
    """The test above can fail: the dynamic linker gives the second plugin the first one's numbers, g++'s even without RTLD_GLOBAL."""
    events, expected = golden(versions[:2])
    headers = [without_inner_namespace(v, tmp_path / f"v{i}") for i, v in enumerate(versions[:2])]
    scores = loaded(compiler, level, headers, scope, events, tmp_path)
    np.testing.assert_allclose(scores[1], expected[0], rtol=0, atol=1e-5)
    assert np.abs(scores[1] - expected[1]).max() > 1e-2


@pytest.mark.parametrize("apart", [True, False])
def test_one_program(versions, tmp_path, apart):
    """Two translation units of one program, a version each."""
    events, expected = golden(versions[:2])
    source = tmp_path / "score.cpp"
    source.write_text('#include "jets.hpp"\nfloat NAME(const float* x) {\n    return jets::model(jets::network::input{{x[0], x[1], x[2], x[3]}})[0];\n}\n')
    main = tmp_path / "main.cpp"
    main.write_text(
        "#include <cstdio>\nfloat first(const float*);\nfloat second(const float*);\nint main() {\n    float x[4];\n"
        '    while (std::scanf("%f %f %f %f", &x[0], &x[1], &x[2], &x[3]) == 4)\n'
        '        std::printf("%.9g %.9g\\n", double(first(x)), double(second(x)));\n}\n'
    )
    objects = []
    for name, version in zip(("first", "second"), versions):
        header = version.directory if apart else without_inner_namespace(version, tmp_path / name)
        compiled("g++", "-O0", "-c", f"-DNAME={name}", "-I", header, "-o", tmp_path / f"{name}.o", source)
        objects.append(tmp_path / f"{name}.o")
    compiled("g++", main, *objects, "-o", tmp_path / "program")
    text = "\n".join(" ".join(str(x) for x in row) for row in events)
    done = subprocess.run([str(tmp_path / "program")], input=text, capture_output=True, text=True, check=True)
    scores = np.array(done.stdout.split(), dtype=np.float32).reshape(-1, 2).T
    np.testing.assert_allclose(scores[0], expected[0][:, 0], rtol=0, atol=1e-5)
    mixed_up = np.abs(scores[1] - expected[1][:, 0]).max() > 1e-2
    assert mixed_up != apart


def test_two_versions_in_one_translation_unit_are_refused(versions, tmp_path):
    source = tmp_path / "both.cpp"
    source.write_text("".join(f'#include "{v.file("header")}"\n' for v in versions[:2]) + "using network = jets::network;\n")
    command = ["g++", "-std=c++17", "-fsyntax-only", "-I", str(include_directory()), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0 and re.search(r"error: .*(reference to .*network.* is ambiguous)", done.stderr), done.stderr


def test_the_inner_namespace_is_named_after_the_content(versions, tmp_path):
    def inner(package: kaon.Package) -> str:
        return re.findall(r"^inline namespace (v_[0-9a-f]{16}) \{$", package.file("header").read_text(), re.M)[0]

    again = kaon.convert(versions[0].file("source"), tmp_path / "again", name="jets")
    assert inner(again) == inner(versions[0])
    assert len({inner(v) for v in versions}) == 3
