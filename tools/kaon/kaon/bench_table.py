"""The table of a bench."""

from __future__ import annotations

from kaon.native.bench_program import Report

WIDTH = 110
"""Columns of the table where it does not go to a terminal."""


def print_table(report: Report, title: str) -> None:
    """One line a case and engine. Ratios are of minima: over kaon's time, and over the bound of the machine."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"ns per event: {title}", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("case", "engine"):
        table.add_column(heading, no_wrap=True)
    for heading in ("min", "median", "p99.9", "allocs", "/kaon", "/bound"):
        table.add_column(heading, justify="right", no_wrap=True)
    rows = report["rows"]
    kaon = {(row["case"], row["batch"]): row["ns_per_event_min"] for row in rows if row["engine"] == "kaon"}
    for index, row in enumerate(rows):
        case = (row["case"], row["batch"])
        least = row["ns_per_event_min"]
        label = f"{row['case']} {row['batch']}" if row["batch"] > 1 else row["case"]
        last = index + 1 == len(rows) or (rows[index + 1]["case"], rows[index + 1]["batch"]) != case
        table.add_row(
            label,
            row["engine"],
            nanoseconds(least),
            nanoseconds(row["ns_per_event_median"]),
            nanoseconds(row["ns_per_event_p99_9"]),
            "" if row["allocations_per_call"] is None else f"{row['allocations_per_call']:g}",
            f"{least / kaon[case]:.2f}" if case in kaon else "",
            f"{least / row['bound_ns']:.2f}" if row["bound_ns"] > 0 else "",
            style="bold" if row["engine"] == "kaon" else "",
            end_section=last,
        )
    console = Console()
    Console(width=None if console.is_terminal else WIDTH).print(table)
    print(caption(report))


def nanoseconds(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}"


def caption(report: Report) -> str:
    """The machine as measured, and how far the engines' scores lie apart."""
    machine, agreement = report["machine"], report["agreement"]
    differences = ", ".join(
        f"{engine} {'not finite' if value is None else format(value, '.1e')}"
        + (" WRONG" if value is None or value > 1e-5 else "")
        for engine, value in agreement["largest_difference"].items()
        if engine != agreement["reference"]
    )
    return (
        f"{report['events']} distinct events, one {'pinned ' if machine['pinned'] else ''}thread; measured: {machine['isa']}, "
        f"{machine['clock_hz'] / 1e9:.2f} GHz, {machine['fma_per_s'] / 1e9:.1f} G multiply-accumulates/s, "
        f"{machine['load_per_s'] / 1e9:.2f} G loads of {machine['register_bytes']} bytes/s.\n"
        f"allocs: heap allocations a call. /kaon, /bound: ratios of minima. Scores against {agreement['reference']}: {differences or 'no other engine'}."
    )
