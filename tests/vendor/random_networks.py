"""Random networks in kaon's fixed point beside hls4ml's own C++ emulation: every bit of every output.

The emulation is compiled from the firmware headers of an installed hls4ml, with the config structs that its Vivado backend prints
(io_parallel, latency). Draws layers, sizes, precisions and weights from a seed; writes, compiles and runs a program for every few
networks. Exit code 77 where hls4ml is not installed: skipped.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, files
from math import ceil, log2
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["-std=c++17", "-O1", "-march=native", "-w", f"-I{ROOT / 'include'}", f"-I{ROOT / 'tests' / 'vendor'}"]

ROUNDINGS = {
    "truncate": "AP_TRN", "truncate_zero": "AP_TRN_ZERO", "round": "AP_RND", "round_zero": "AP_RND_ZERO",
    "round_min_inf": "AP_RND_MIN_INF", "round_inf": "AP_RND_INF", "round_conv": "AP_RND_CONV",
}
OVERFLOWS = {"wrap": "AP_WRAP", "saturate": "AP_SAT", "saturate_zero": "AP_SAT_ZERO", "saturate_symmetric": "AP_SAT_SYM"}


@dataclass(frozen=True)
class Type:
    width: int
    integer: int
    signed: bool = True
    rounding: str = "truncate"
    overflow: str = "wrap"

    @property
    def fraction(self) -> int:
        return self.width - self.integer

    def kaon(self) -> str:
        return f"kaon::{'fixed' if self.signed else 'ufixed'}<{self.width}, {self.integer}, kaon::{self.rounding}, kaon::{self.overflow}>"

    def ap(self) -> str:
        return f"ap_{'fixed' if self.signed else 'ufixed'}<{self.width},{self.integer},{ROUNDINGS[self.rounding]},{OVERFLOWS[self.overflow]},0>"

    def takes(self, fraction: int, width: int) -> Type:
        """Returns the type with bits enough below the point that ap_fixed converts to it: it asserts that the first bit dropped is one
        of the number's."""
        missing = fraction - self.fraction - width
        return self if missing <= 0 else replace(self, width=self.width + missing)

    def values(self, draw: random.Random, count: int) -> list[float]:
        """Returns values at random: one in ten an extreme, one in ten zero."""
        low, high = (-(1 << (self.width - 1)), (1 << (self.width - 1)) - 1) if self.signed else (0, (1 << self.width) - 1)
        raws = (draw.choice((low, high)) if d < 0.1 else 0 if d < 0.2 else draw.randint(low, high) for d in (draw.random() for _ in range(count)))
        return [raw * 2.0**-self.fraction for raw in raws]


@dataclass(frozen=True)
class Layer:
    """What hls4ml needs to know of a layer: its kind, its outputs, its types by hls4ml's names, its numbers and attributes."""

    kind: str
    size: int
    types: dict[str, Type]
    values: dict[str, list[float]]
    attributes: dict[str, str | int]


DEFAULT = Type(16, 6)
TABLE = Type(18, 8)
SOFTMAX_TABLE = Type(18, 8, True, "round", "saturate")


class Writer:
    """One network: hls4ml's structs and calls, and kaon's layers."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.uniform = self.draw.random() < 0.2  # hls4ml's default: one type for all
        self.name = f"network_{seed}"
        self.size = self.inputs = self.draw.randint(1, 24)
        self.type = self.input = DEFAULT if self.uniform else self.some(4, 18, 0, 6)
        self.text: list[str] = []  # before the firmware's function
        self.calls: list[str] = []  # in it
        self.layers: list[str] = []  # kaon's
        self.prepare: list[str] = []  # parameters and tables
        self.dense_count = 0
        self.plan: list[Layer] = []

    def some(self, low: int, high: int, least: int, most: int, *, signed: bool | None = None) -> Type:
        """Returns a type of `low` to `high` bits, `least` to `most` of them integer bits, with any modes."""
        width = self.draw.randint(low, high)
        signed = self.draw.random() < 0.7 if signed is None else signed
        modes = (self.draw.choice(list(ROUNDINGS)), self.draw.choice(list(OVERFLOWS)))
        if self.draw.random() < 0.3:
            modes = ("truncate", "wrap")
        return Type(width, self.draw.randint(least, most), signed, *modes)

    def call(self, function: str, result: Type, size: int, *more: str) -> None:
        number = len(self.calls)
        self.calls.append(f"    {result.ap()} layer_{number}[{size}];\n    nnet::{function}<{self.type.ap()}, {result.ap()}, "
                          f"config_{number}>({self.source()}, {', '.join((f'layer_{number}', *more))});")
        self.type, self.size = result, size

    def source(self) -> str:
        return f"layer_{len(self.calls) - 1}" if self.calls else "data"

    def dense(self) -> None:
        number, outputs, x = len(self.calls), self.draw.randint(1, 24), self.type
        growth = ceil(log2(self.size))
        weight = DEFAULT if self.uniform else self.some(2, 16, -1, 4)
        bias = DEFAULT if self.uniform else self.some(2, 16, -1, 6)
        integer, fraction = x.integer + weight.integer, x.fraction + weight.fraction
        exact = not self.uniform and self.draw.random() < 0.4
        if exact:  # room for every sum: more than hls4ml infers with granularity='name'
            whole, part = max(integer + growth + 2, bias.integer + 2), max(fraction, bias.fraction)
            accumulator = Type(whole + part, whole)
        elif self.uniform:
            accumulator = DEFAULT
        else:
            whole = integer + growth // 2 + self.draw.randint(-2, 2)
            part = max(2 - whole, fraction + self.draw.randint(-10, 1))
            accumulator = Type(whole + part, whole, True, self.draw.choice(list(ROUNDINGS)))
            accumulator = accumulator.takes(fraction, x.width + weight.width).takes(bias.fraction, bias.width)
        result = DEFAULT
        if not self.uniform:
            # Near the size of typical sums, so that few outputs are an extreme.
            whole = min(accumulator.integer, integer + growth // 2) + self.draw.randint(-2, 1)
            drawn = self.some(4, 18, 0, 0)
            result = replace(drawn, integer=whole).takes(accumulator.fraction, accumulator.width)
        numbers = {"weight": weight.values(self.draw, self.size * outputs), "bias": bias.values(self.draw, outputs)}
        types = {"weight": weight, "bias": bias, "accum": accumulator, "result": result}
        self.plan.append(Layer("dense", outputs, types, numbers, {}))
        self.text.append(f"""struct config_{number} : nnet::dense_config {{
    static const unsigned n_in = {self.size};
    static const unsigned n_out = {outputs};
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned strategy = nnet::latency;
    static const unsigned reuse_factor = 1;
    static const unsigned n_zeros = 0;
    static const unsigned n_nonzeros = {self.size * outputs};
    static const unsigned multiplier_limit = DIV_ROUNDUP(n_in * n_out, reuse_factor) - n_zeros / reuse_factor;
    static const bool store_weights_in_bram = false;
    typedef {accumulator.ap()} accum_t;
    typedef {bias.ap()} bias_t;
    typedef {weight.ap()} weight_t;
    template <class data_T, class res_T, class CONFIG_T> using kernel = nnet::DenseLatency<data_T, res_T, CONFIG_T>;
    template <class x_T, class y_T> using product = nnet::product::mult<x_T, y_T>;
}};
{weight.ap()} w{number}[] = {{{", ".join(map(repr, numbers["weight"]))}}};
{bias.ap()} b{number}[] = {{{", ".join(map(repr, numbers["bias"]))}}};""")
        named = "" if exact else f", kaon::accumulator<{accumulator.kaon()}>"
        self.layers.append(f"kaon::dense<{outputs}, kaon::weights<{weight.kaon()}>, kaon::bias<{bias.kaon()}>{named}, "
                           f"kaon::result<{result.kaon()}>>")
        self.prepare.append(f"fill(kaon::get<{self.dense_count}>(*parameters), w{number}, b{number});")
        self.dense_count += 1
        self.call("dense", result, outputs, f"w{number}", f"b{number}")

    def narrower(self) -> Type:
        if self.uniform:
            return DEFAULT
        drawn = self.some(3, 16, self.type.integer - 2, self.type.integer + 1)
        return drawn.takes(self.type.fraction, self.type.width)

    def activation(self, kind: str) -> None:
        """relu, linear; sigmoid and tanh by tables."""
        number = len(self.calls)
        by_table = kind in ("sigmoid", "tanh")
        size = 1024 if self.uniform else self.draw.choice((256, 512, 1024, 2048))
        entries = TABLE if self.uniform else self.some(6, 18, 2, 6)
        result = self.narrower()
        if by_table and not self.uniform:
            result = self.some(4, 16, 1, 3).takes(entries.fraction, entries.width)
        self.text.append(f"""struct config_{number} : nnet::activ_config {{
    static const unsigned n_in = {self.size};
    static const unsigned table_size = {size};
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned reuse_factor = 1;
    typedef {entries.ap()} table_t;
}};""")
        self.plan.append(Layer(kind, self.size, {"table": entries, "result": result}, {}, {"table_size": size}))
        options = f"kaon::result<{result.kaon()}>"
        if by_table:
            self.table(f"t{number}", entries, size, f"nnet::init_{kind}_table<config_{number}, {size}>")
            options += f", kaon::table<{entries.kaon()}, {size}>, kaon::table_values<t{number}>"
        self.layers.append(f"kaon::basic_{'identity' if kind == 'linear' else kind}<{options}>")
        self.call(kind, result, self.size)

    def table(self, name: str, entries: Type, size: int, function: str, more: str = "") -> None:
        self.text.append(f"std::int64_t {name}[{size}];")
        self.prepare.append(f"{{ static {entries.ap()} firmware[{size}]; {function}(firmware{more}); copy_entries(firmware, {name}); }}")

    def softmax(self) -> None:
        number, x = len(self.calls), self.type
        kind = self.draw.choice(("latency", "stable", "legacy", "argmax"))
        growth = ceil(log2(self.size)) if self.size > 1 else 1
        exp = inv = accumulator = inverted = SOFTMAX_TABLE
        norm = Type(x.width - x.signed, x.integer - x.signed, False)
        if kind == "legacy":
            exp = inv = TABLE  # hls4ml has one type for both
        elif not self.uniform:
            exp = replace(self.some(8, 18, 3, 8, signed=True), rounding="round", overflow="saturate")
            inv = replace(self.some(8, 18, 3, 8, signed=True), rounding="round", overflow="saturate")
            inverted = Type(exp.width + growth, exp.integer + growth, True, "round", "saturate")
            accumulator = inverted
        raised = norm if kind == "stable" else x
        size = min(1024, 1 << raised.width) if kind != "legacy" else 1024
        inv_size = min(1024, 1 << inverted.width) if kind != "legacy" else 1024
        drawn = DEFAULT if self.uniform else self.some(6, 16, 1, 3)
        result = drawn.takes(exp.fraction + inv.fraction, exp.width + inv.width).takes(inv.fraction, inv.width)
        self.text.append(f"""struct config_{number} : nnet::activ_config {{
    static const unsigned n_in = {self.size};
    static const unsigned n_slice = {self.size};
    static const unsigned n_outer = 1;
    static const unsigned n_inner = 1;
    static const unsigned parallelization_factor = -1;
    static const unsigned exp_table_size = {size};
    static const unsigned inv_table_size = {inv_size};
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned reuse_factor = 1;
    static const unsigned axis = -1;
    static const nnet::softmax_implementation implementation = nnet::softmax_implementation::{kind};
    static constexpr float exp_scale = 1.0;
    typedef {exp.ap()} table_t;
    typedef {exp.ap()} exp_table_t;
    typedef {inv.ap()} inv_table_t;
    typedef {accumulator.ap()} accum_t;
    typedef {inverted.ap()} inv_inp_t;
    typedef {norm.ap()} inp_norm_t;
}};""")
        types = {"exp_table": exp, "inv_table": inv, "accum": accumulator, "inv_inp": inverted, "inp_norm": norm, "result": result}
        self.plan.append(Layer("softmax", self.size, types, {}, {"implementation": kind, "table_size": min(size, inv_size)}))
        options = f"kaon::result<{result.kaon()}>, kaon::softmax_as<kaon::softmax_variant::{kind}>"
        if kind != "argmax":
            config = f"config_{number}"
            if kind == "legacy":
                self.table(f"e{number}", exp, size, f"nnet::init_exp_table_legacy<{config}, {size}>")
                self.table(f"i{number}", inv, inv_size, f"nnet::init_invert_table_legacy<{config}, {inv_size}>")
            else:
                self.table(f"e{number}", exp, size, f"nnet::init_exp_table<{raised.ap()}, {config}>", f", {'true' if kind == 'stable' else 'false'}")
                self.table(f"i{number}", inv, inv_size, f"nnet::init_invert_table<{inverted.ap()}, {config}>")
                options += (f", kaon::accumulator<{accumulator.kaon()}>, kaon::inv_input<{inverted.kaon()}>, "
                            f"kaon::norm_input<{norm.kaon()}>")
            options += (f", kaon::exp_table<{exp.kaon()}, {size}>, kaon::exp_table_values<e{number}>, "
                        f"kaon::inv_table<{inv.kaon()}, {inv_size}>, kaon::inv_table_values<i{number}>")
        self.layers.append(f"kaon::basic_softmax<{options}>")
        self.call("softmax", result, self.size)

    def write(self) -> str:
        """Returns the network's namespace; run() in it compares."""
        for _ in range(self.draw.randint(1, 3)):
            self.dense()
            kind = self.draw.choice(("relu", "relu", "relu", "linear", "sigmoid", "tanh", ""))
            if kind:
                self.activation(kind)
        if self.type.width > 4 and self.draw.random() < 0.4:
            self.softmax()
        layers = ",\n    ".join(self.layers)
        inputs, outputs = self.input.ap(), self.type.ap()
        return f"""namespace {self.name} {{
{chr(10).join(self.text)}
void firmware({inputs}* data, {outputs}* result) {{
{chr(10).join(self.calls)}
    for (int i = 0; i < {self.size}; ++i) result[i] = {self.source()}[i];
}}
using net = kaon::network<kaon::input<{self.input.kaon()}, {self.inputs}>,
    {layers}>;
void run(tally& sum) {{
    const auto parameters = std::make_unique<net::parameters>();
    {(chr(10) + '    ').join(self.prepare)}
    compare<net, {inputs}, {outputs}>("{self.name}", "{self.shape()}", {self.draw.randrange(1 << 30)}, *parameters, firmware, sum);
}}
}}
"""

    def shape(self) -> str:
        kinds = (re.sub(r"kaon::(basic_)?|<.*", "", layer) for layer in self.layers)
        return f"{self.inputs} " + " ".join(kinds)


def program(seeds: list[int]) -> str:
    bodies = "".join(Writer(seed).write() for seed in seeds)
    runs = "".join(f"    network_{seed}::run(sum);\n" for seed in seeds)
    return f"""#include "random_network.hpp"
{bodies}
int main(int, char** arguments) {{
    tally sum;
    sum.folder = arguments[1];
{runs}    std::printf("sum %d %d %lld %lld\\n", sum.networks, sum.varied, sum.compared, sum.different);
}}
"""


def firmware() -> Path | None:
    try:
        found = [f for f in files("hls4ml") or [] if str(f).endswith("templates/vivado/ap_types/ap_fixed.h")]
    except PackageNotFoundError:
        return None
    return Path(str(found[0].locate())).parents[1] if found else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=int, default=200)
    parser.add_argument("--first", type=int, default=1, help="seed of the first network; the others follow")
    parser.add_argument("--each", type=int, default=5, help="networks a program")
    parser.add_argument("--jobs", type=int, default=1, help="programs compiled at a time")
    parser.add_argument("--compiler", default="c++")
    parser.add_argument("--keep", type=Path, help="where the programs stay")
    arguments = parser.parse_args()
    templates = firmware()
    if templates is None:
        print("SKIPPED: hls4ml, whose firmware is the reference, is not installed")
        return 77
    flags = [*FLAGS, "-isystem", str(templates / "ap_types"), "-isystem", str(templates)]
    seeds = list(range(arguments.first, arguments.first + arguments.networks))

    def run(work: Path, part: list[int]) -> str:
        source, binary = work / f"networks_{part[0]}.cpp", work / f"networks_{part[0]}"
        source.write_text(program(part))
        for command in ([arguments.compiler, *flags, str(source), "-o", str(binary)], [str(binary)]):
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
            if done.returncode != 0:
                return f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}{done.stderr[:4000]}"
        return done.stdout

    with tempfile.TemporaryDirectory() as scratch:
        work = arguments.keep or Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        parts = [seeds[i : i + arguments.each] for i in range(0, len(seeds), arguments.each)]
        sums = [0, 0, 0, 0]
        with ThreadPoolExecutor(arguments.jobs) as pool:
            for text in pool.map(lambda part: run(work, part), parts):
                print(re.sub(r"^sum .*\n", "", text, flags=re.MULTILINE), end="", flush=True)
                if found := re.search(r"^sum (\d+) (\d+) (\d+) (\d+)$", text, re.MULTILINE):
                    sums = [a + int(b) for a, b in zip(sums, found.groups())]
    networks, varied, compared, different = sums
    print(f"{networks} networks, {varied} of them with more than two values; {compared} outputs, {different} different")
    return 0 if networks == len(seeds) and different == 0 and varied >= 0.7 * networks else 1


if __name__ == "__main__":
    sys.exit(main())
