"""kaon lint: models are fit, a top of one's own is judged by rule, line and function. One file that breaks each rule: tests/hls/refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import kaon
from kaon.lint import RULES, refuse_missing_clang
from test_hls import network, package_of

REFUSED = Path(__file__).parents[3] / "tests" / "hls" / "refused"


@pytest.fixture
def clang() -> None:
    try:
        refuse_missing_clang()
    except kaon.Failed as error:
        pytest.skip(str(error))


def test_a_model_is_fit(native, clang, tmp_path, random, kaon_command):
    """Several inputs and outputs. Each layer: tests/hls/synthesize --lint."""
    package_of(network(random), tmp_path / "m", "m")
    outcome = kaon_command("lint", tmp_path / "m")
    assert outcome.code == 0 and outcome.out.strip().endswith("m: fit for an HLS compiler"), outcome.out + outcome.err


def test_every_rule_has_its_file():
    if not REFUSED.is_dir():
        pytest.skip("tests/hls: no checkout around this package")
    broken = {path.read_text().split()[2] for path in REFUSED.glob("*.cpp")}
    assert broken == set(RULES)


TOP = """\
#include "scale.hpp"
extern "C" int top(int n) { return scale(n) + N; }
"""


def test_a_top_of_ones_own(native, clang, tmp_path, kaon_command):
    """Folders, macros; the line of a header, and the line of the top that calls it; what does not compile, what is not there."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "scale.hpp").write_text("inline int scale(int n) {\n    return static_cast<int>(1.5f * static_cast<float>(n));\n}\n")
    (tmp_path / "top.cpp").write_text(TOP)
    arguments = ("lint", tmp_path / "top.cpp", "--top", "top", "-I", tmp_path / "lib")
    outcome = kaon_command(*arguments, "-D", "N=2")
    assert outcome.code == 1
    assert "floating-point: lib/scale.hpp:2, scale(int), called from top.cpp:2: floating point at run time: " in outcome.out, outcome.out
    assert "top.cpp: 1 found" in outcome.out
    assert "it does not compile" in kaon_command(*arguments).refusal()
    assert "which function is the top is not said; give --top NAME" in kaon_command("lint", tmp_path / "top.cpp").refusal()
    absent = kaon_command("lint", tmp_path / "top.cpp", "--top", "tip", "-I", tmp_path / "lib", "-D", "N=2").refusal()
    assert "it has no function 'tip', or several; give one of top" in absent
    (tmp_path / "cpp.cpp").write_text("namespace mine {\nint top(int n) { return n; }\n}\n")
    assert kaon.lint(tmp_path / "cpp.cpp", "mine::top").passed
    assert "no such folder" in kaon_command("lint", tmp_path / "nothing").refusal()
