"""AMD Vitis HLS: ap_fixed as ports, a configuration file for v++ and vitis-run, and Tcl for vitis_hls."""

from __future__ import annotations

import re
from pathlib import Path

from kaon.error import Refused
from kaon.fixed import Fixed
from kaon.synthesis.templates import filled
from kaon.synthesis.tool import WORK, Figures, Order, Tool, text_of
from kaon.synthesis.top import Dialect, Top

WIDEST_WORD = 4096
"""Bits of an ap_uint, at most (UG1399, Arbitrary Precision Data Types Library); 1024 without AP_INT_MAX_W."""


def number(t: Fixed) -> str:
    return f"ap_{'' if t.is_signed else 'u'}fixed<{t.width}, {t.integer}>"


def prologue(top: Top) -> list[str]:
    widest = max(v.bits for v in (*top.inputs, *top.outputs)) + 7
    return [f"#define AP_INT_MAX_W {-(-widest // 1024) * 1024}", ""] if top.ports == "stream" and widest > 1024 else []


def inside(top: Top) -> list[str]:
    mode = {"array": "ap_memory", "stream": "axis"}.get(top.ports)
    interfaces = [f"#pragma HLS interface mode={mode} port={v.name}" for v in (*top.inputs, *top.outputs)] if mode else []
    free = ["#pragma HLS interface mode=ap_ctrl_none port=return"] if top.ports == "stream" and top.interval else []
    return interfaces + free + ([f"#pragma HLS pipeline II={top.interval}"] if top.interval else [])


DIALECT = Dialect(
    includes={"scalar": ("ap_fixed.h",), "array": ("ap_fixed.h",), "stream": ("ap_int.h", "hls_stream.h")},
    ports_header=lambda ports: "kaon/hls/ap_ports.hpp",
    number=number,
    word=lambda bits: f"ap_uint<{bits}>",
    stream="hls::stream",
    returns_word=False,
    inside=inside,
    prologue=prologue,
)


class Vitis(Tool):
    name, title = "vitis", "Vitis HLS"
    part = "xcvu13p-flga2577-2-e"
    programs = ("v++", "vitis_hls")
    remedy = "source settings64.sh of the Vitis installation"
    dialect = DIALECT
    confirmation = "C/RTL co-simulation finished: PASS"

    def refuse_ports(self, top: Top) -> None:
        wide = next((v for v in (*top.inputs, *top.outputs) if v.bits > WIDEST_WORD), None)
        if top.ports == "stream" and wide is not None:
            cause = f"an event of {wide.name} has {wide.bits} bits, and a word of Vitis's at most {WIDEST_WORD}"
            raise Refused("--ports stream", cause, "take scalar or array")

    def files(self, top: Top, order: Order) -> dict[str, str]:
        values = {"MODEL": top.model, "TOP": top.name, "PART": order.part, "CLOCK": f"{order.clock_ns:g}"}
        values |= {"COMMON": filled("common.sh", TOP=top.name)}
        files = {name: filled(f"vitis/{name}", **values) for name in ("run.sh", "hls_config.cfg", "run_hls.tcl")}
        return files | {"tb/raw_values.hpp": filled("vitis/raw_values.hpp")}

    def note(self, top: Top, order: Order) -> str:
        return {
            "scalar": "Inputs are wires (`ap_none`), outputs come with a valid signal each (`ap_vld`); the block has `ap_ctrl_hs` and takes an event a cycle.",
            "array": "Arrays are memories (`ap_memory`) that give one number a cycle, so that an event takes as many cycles as its longest array.",
            "stream": "AXI4-Streams, an event a word (TDATA): number i lies from bit i * width on, and zeros fill the last byte. The block runs freely (`ap_ctrl_none`).",
        }[order.ports]

    def figures(self, project: Path, top: str) -> Figures:
        work = project / WORK
        text = next((t for t in (text_of(path) for path in sorted(work.glob("**/syn/report/csynth.xml"))) if t), "")

        def whole(name: str) -> int | None:
            found = re.search(rf"<{name}>\s*(\d+)\s*</{name}>", text)
            return int(found[1]) if found else None

        period = re.search(r"<EstimatedClockPeriod>\s*([\d.]+)", text)
        resources = {"lut": "LUT", "ff": "FF", "dsp": "DSP", "bram": "BRAM_18K"}
        return Figures(
            latency=whole("Worst-caseLatency"),
            interval=whole("Interval-max"),
            megahertz=1000 / float(period[1]) if period and float(period[1]) else None,
            **{figure: whole(name) for figure, name in resources.items()},
        )
