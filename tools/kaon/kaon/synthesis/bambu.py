"""PandA Bambu: built-in integers as ports, a shell script, Verilator, and yosys for the count of LUTs."""

from __future__ import annotations

import re
from pathlib import Path

from kaon.error import Refused
from kaon.synthesis.ports import raw_integer
from kaon.synthesis.templates import filled
from kaon.synthesis.tool import WORK, Figures, Order, Tool, number, text_of, whole
from kaon.synthesis.top import Dialect, Top

PARTS = (
    *("xc7z020,-1,clg484,VVD", "xc7z045,-2,ffg900,VVD", "xc7a100t,-1,csg324,VVD", "xc7vx330t,-1,ffg1157", "xc7vx485t,-2,ffg1761,VVD"),
    *("xc7vx690t,-3,ffg1930,VVD", "xcku060,-3,ffva1156,VVD", "xcu280,-2L,fsvh2892,VVD", "xcu55c,-2L,fsvh2892,VVD"),
    *("5CSEMA5F31C6", "5SGXEA7N2F45C1", "EP2C70F896C6", "EP4SGX530KH40C2", "LFE335EA8FN484C", "LFE5U85F8BG756C", "LFE5UM85F8BG756C"),
    *("nx1h35S", "nx1h140tsp", "nx2h540tsc"),
)
"""Those of which Bambu 2024.10 has a characterisation, as its --device-name takes them."""


def plain(part: str) -> str:
    """Returns a part's name as vendors write it: xc7vx690t-3ffg1930."""
    return part.replace(",VVD", "").replace(",", "").lower()


def before(top: Top) -> list[str]:
    """Wires for outputs, which through references are memories else; a pipeline that takes an event a cycle where no memory is read."""
    wires = [name for v in top.outputs for name in v.numbers] if top.outputs_as == "scalar" else []
    pipeline = ["#pragma HLS pipeline II=1"] if top.ports == "scalar" and top.interval else []
    if top.ports == "stream":
        return [f"#pragma HLS interface port={v.name} mode=axis" for v in (*top.inputs, *top.outputs)]
    return [f"#pragma HLS interface port={name} mode=ap_none" for name in wires] + pipeline


DIALECT = Dialect(
    includes={"scalar": ("cstdint",), "array": ("cstdint",), "stream": ("ac_int.h", "ac_channel.h")},
    ports_header=lambda ports: "kaon/hls/ac_ports.hpp" if ports == "stream" else "kaon/hls/ports.hpp",
    number=raw_integer,
    word=lambda bits: f"ac_int<{bits}, false>",
    stream="ac_channel",
    returns_word=True,
    before=before,
    linkage='extern "C" ',
)


class Bambu(Tool):
    name, title = "bambu", "PandA Bambu"
    part = "xc7vx690t,-3,ffg1930,VVD"
    programs = ("bambu",)
    remedy = "put its bin folder on PATH"
    dialect = DIALECT

    def check(self, order: Order) -> None:
        super().check(order)
        self.device(order.part)

    def device(self, part: str) -> str:
        """Returns a part as --device-name takes it."""
        found = next((known for known in PARTS if part == known or plain(part) == plain(known)), None)
        if found is None:
            raise Refused(f"--part {part}", "Bambu has no characterisation of it", f"give one of {', '.join(map(plain, PARTS))}")
        return found

    def files(self, top: Top, order: Order) -> dict[str, str]:
        part, clock = self.device(order.part), f"{order.clock_ns:g}"
        streams = order.ports == "stream"
        values = {"MODEL": top.model, "TOP": top.name, "PART": part, "CLOCK": clock, "COMMON": filled("common.sh", TOP=top.name)}
        files = {"run.sh": filled("bambu/run.sh", **values, TYPES='-isystem "$(ac_types)"' if streams else "")}
        if streams:
            return files | {"tb/raw_values.hpp": filled("bambu/raw_words.hpp"), "tb/ac_values.hpp": filled("ac_values.hpp")}
        return files | {"tb/raw_values.hpp": filled("bambu/raw_values.hpp")}

    def note(self, top: Top, order: Order) -> str:
        if order.ports == "stream":
            return "AXI4-Streams, an event a word (TDATA): number i lies from bit i * width on, and zeros fill the last byte. An event is started when the one before is done."
        if order.ports == "array":
            return "Arrays become memories with a port or two: an event takes as many cycles as its numbers need to go through them."
        if top.outputs_as == "scalar":
            return "The outputs have more than 64 bits together: each is a wire of its own (`ap_none`). The log's `Unknown data required` is about them."
        return "Up to 64 bits of outputs are returned as one integer: Bambu's co-simulation does not take outputs through scalar pointers."

    def figures(self, project: Path, top: str) -> Figures:
        log = text_of(project / WORK / "cosim.log") or text_of(project / WORK / "synth.log")
        mapped = text_of(project / WORK / "map.log").rpartition("Number of cells:")[2]
        cells = {name: int(count) for name, count in re.findall(r"^\s+([A-Z]\w+)\s+(\d+)$", mapped, re.MULTILINE)}
        luts = sum(count for name, count in cells.items() if re.fullmatch(r"LUT\d", name))
        registers = sum(count for name, count in cells.items() if re.fullmatch(r"FD[A-Z]+", name))
        return Figures(
            latency=whole(log, r"(?:Average execution|Run \d+ execution time)\D*(\d+)") or whole(log, r"Maximum number of cycles[^:]*: *(\d+)"),
            interval=whole(log, r"Required pipelining with II=(\d+)"),
            megahertz=number(log, r"Estimated max frequency \(MHz\): *([\d.]+)"),
            lut=luts if cells else None,
            ff=registers if cells else whole(log, r"Total number of flip-flops in function [^:]*: *(\d+)"),
            dsp=sum(n for name, n in cells.items() if name.startswith("DSP48")) if cells else None,
            bram=sum(n for name, n in cells.items() if name.startswith("RAMB")) if cells else None,
        )
