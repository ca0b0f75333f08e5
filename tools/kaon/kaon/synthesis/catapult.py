"""Siemens Catapult: ac_fixed as ports, Tcl, and SCVerify for the co-simulation."""

from __future__ import annotations

import re
from pathlib import Path

from kaon.error import Refused
from kaon.fixed import Fixed
from kaon.synthesis.templates import filled
from kaon.synthesis.tool import WORK, Figures, Order, Tool, text_of
from kaon.synthesis.top import Dialect, Top

FAMILIES = (
    *((r"xc(vu\d+p|u\d+)", "VIRTEX-uplus"), (r"xcku\d+p", "KINTEX-uplus"), (r"xczu", "ZYNQ-uplus"), (r"xcvu", "VIRTEX-u")),
    *((r"xcku", "KINTEX-u"), (r"xc7v", "VIRTEX-7"), (r"xc7k", "KINTEX-7"), (r"xc7a", "ARTIX-7"), (r"xc7z", "ZYNQ")),
)
"""Families of Xilinx's parts as the names of Catapult's libraries have them."""


def number(t: Fixed) -> str:
    return f"ac_fixed<{t.width}, {t.integer}, {'true' if t.is_signed else 'false'}>"


def before(top: Top) -> list[str]:
    return ["#pragma hls_design top"] + ([f"#pragma hls_pipeline_init_interval {top.interval}"] if top.interval else [])


DIALECT = Dialect(
    includes={"scalar": ("ac_fixed.h",), "array": ("ac_fixed.h",), "stream": ("ac_int.h", "ac_channel.h")},
    ports_header=lambda ports: "kaon/hls/ac_ports.hpp",
    number=number,
    word=lambda bits: f"ac_int<{bits}, false>",
    stream="ac_channel",
    returns_word=False,
    before=before,
    block="CCS_BLOCK({top})",
    call="CCS_DESIGN({top})",
    prologue=lambda top: ['#include "scverify.hpp"', ""],
)


class Catapult(Tool):
    name, title = "catapult", "Catapult"
    part = "xcvu13p-flga2577-2-e"
    programs = ("catapult",)
    remedy = "set MGC_HOME, and put $MGC_HOME/bin on PATH"
    dialect = DIALECT
    confirmation = "Simulation PASSED"

    def check(self, order: Order) -> None:
        super().check(order)
        self.library(order.part)

    def library(self, part: str) -> str:
        """Returns the Tcl that adds a part's library: a Xilinx part, or the name of a library of Catapult's."""
        if part.endswith("_beh") or part.endswith("_dc"):
            return f"solution library add {part}"
        family = next((name for pattern, name in FAMILIES if re.match(pattern, part)), None)
        speed = re.search(r"-([123](?:LV|L|H|HV)?)(?:-[a-z])?$", part) or re.search(r"-([123])[a-z]+\d+", part)
        if family is None or speed is None:
            cause = "it is neither a Xilinx part with its speed grade nor a library of Catapult's"
            raise Refused(f"--part {part}", cause, f"give one such as {self.part}, or a library such as nangate-45nm_beh")
        name = f"mgc_Xilinx-{family}-{speed[1]}_beh"
        fpga = f"{name} -- -rtlsyntool Vivado -manufacturer Xilinx -family {family} -speed -{speed[1]} -part {part}"
        return f"solution library add {fpga}\nsolution library add Xilinx_RAMS\nsolution library add Xilinx_ROMS\nsolution library add Xilinx_FIFO"

    def files(self, top: Top, order: Order) -> dict[str, str]:
        clock = order.clock_ns
        values = {"MODEL": top.model, "TOP": top.name, "CLOCK": f"{clock:g}", "HALF": f"{clock / 2:g}"}
        values |= {"LIBRARY": self.library(order.part), "COMMON": filled("common.sh", TOP=top.name)}
        files = {name: filled(f"catapult/{name}", **values) for name in ("run.sh", "run.tcl")}
        return files | {"tb/raw_values.hpp": filled("catapult/raw_values.hpp"), "tb/ac_values.hpp": filled("ac_values.hpp"), "src/scverify.hpp": filled("catapult/scverify.hpp")}

    def note(self, top: Top, order: Order) -> str:
        return {
            "scalar": "Inputs and outputs are wires of exactly their bits; the block takes an event a cycle.",
            "array": "Arrays are ports as Catapult maps them (MEM_MAP_THRESHOLD decides between wires and memories); an event takes as many cycles as its longest array.",
            "stream": "Channels (`ac_channel`) with a handshake, an event a word: number i lies from bit i * width on, and zeros fill the last byte.",
        }[order.ports]

    def figures(self, project: Path, top: str) -> Figures:
        reports = sorted((project / WORK).glob(f"**/{top}.v*/rtl.rpt"), key=lambda path: path.stat().st_mtime)
        text = text_of(reports[-1]) if reports else ""
        # /top/core   operations latency throughput reset-length II
        process = re.search(r"^ *Design Total: +\d+ +(\d+) +(\d+)", text, re.MULTILINE)
        slack = re.findall(r"^ *Max Delay: +([\d.]+)", text, re.MULTILINE)
        area = areas(text)
        return Figures(
            latency=int(process[1]) if process else None,
            interval=int(process[2]) if process else None,
            megahertz=1000 / float(slack[-1]) if slack and float(slack[-1]) else None,
            lut=area.get("LUTs"),
            dsp=next((count for name, count in area.items() if name.startswith("DSP")), None),
        )


def areas(report: str) -> dict[str, int]:
    """Returns the areas that the bill of materials adds up, by their units: LUTs, DSP48s, ..."""
    head = re.search(r"^ *Component Name +Area Score +(.*?) +Delay", report, re.MULTILINE)
    total = re.search(r"^ *TOTAL AREA \(After Assignment\): +(.*)$", report, re.MULTILINE)
    if not head or not total:
        return {}
    units = [re.sub(r"Area\((.*)\)", r"\1", word) for word in head[1].split()]
    return {unit: round(float(count)) for unit, count in zip(units, total[1].split()[1:])}
