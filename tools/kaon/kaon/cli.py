"""The `kaon` command: arguments in, tables out, errors as one line."""

from __future__ import annotations

import os
import sys
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from typer.exceptions import Abort, TyperException

import kaon
from kaon.error import KaonError, one_line
from kaon.progress import shown
from kaon.version import VERSION

app = typer.Typer(
    name="kaon",
    help="Turns trained machine-learning models into C++ types, runs them, checks them and reports on them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A folder that kaon convert wrote.", show_default=False)]


class Weights(str, Enum):
    constant = "constant"
    file = "file"


class Real(str, Enum):
    float = "float"
    double = "double"


class Scalar(str, Enum):
    float = "float"
    double = "double"
    fixed = "fixed"


def example(text: str) -> str:
    return f"Example:  [bold]{text}[/bold]"


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False) -> None:
    if version:
        print(f"kaon {VERSION}")
        raise typer.Exit


@app.command("convert", epilog=example("kaon convert jet_tagger.onnx -o build/jets --name jets"))
def convert_command(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="An ONNX file, a Keras model (.keras, .h5, .json with its weights), or a forest of XGBoost, LightGBM, CatBoost, TMVA or conifer.", show_default=False)],
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="DIR", help="The folder to write (default: NAME).")] = None,
    name: Annotated[str | None, typer.Option(metavar="N", help="C++ namespace and file stem (default: from the file).")] = None,
    weights: Annotated[Path | None, typer.Option(metavar="FILE", help="Weights of a .json (default: the .h5 beside it).")] = None,
    hls4ml: Annotated[Path | None, typer.Option(metavar="YAML", help="hls4ml's configuration of a Keras model: its fixed-point types.")] = None,
    scalar: Annotated[Real, typer.Option(help="What a model without fixed-point types computes with: features, weights, thresholds, sums.")] = Real.float,
) -> None:
    """Read a trained model; write a C++ header, a weight file, a manifest and golden vectors."""
    package = kaon.convert(model, output, name, weights, hls4ml=hls4ml, scalar=scalar.value)
    nodes = package.graph.nodes
    total = sum(n.parameter_count for n in nodes)
    print(f"{package.directory}: {package.name}, {len(nodes)} layers, {total} parameters, from {one_line(model.name)}")
    if package.ignored:
        print(f"ignored, for it has no effect on what is computed: {one_line(', '.join(package.ignored))}")


@app.command("run", epilog=example("kaon run build/jets --input events.npy -o scores.npz --batch 64"))
def run_command(
    directory: Folder,
    input: Annotated[Path, typer.Option(metavar="X", help="Rows of events: .npz by input name, or .npy.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="Y.npz", help="The file to write, outputs by name.")],
    batch: Annotated[int | None, typer.Option(metavar="B", help="Rows a batch call (default: one event at a time).")] = None,
    weights: Annotated[Weights, typer.Option(help="Weights bound to the type, or read from the weight file.")] = Weights.constant,
    scalar: Annotated[
        Scalar | None,
        typer.Option(help="What it computes with (default: its own). float of a fixed-point model: the same network and weights, nothing rounded."),
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Fixed-point models: write raw integers, and take arrays of integers as such.")] = False,
) -> None:
    """Compile a model and run it over every row of a file."""
    outputs = kaon.run(directory, input, output, batch, weights.value, None if scalar is None else scalar.value, raw)
    shapes = ", ".join(f"{one_line(k)} {' x '.join(map(str, v.shape))}" for k, v in outputs.items())
    print(f"{output}: {shapes}")


@app.command("check", epilog=example("kaon check build/jets"))
def check_command(
    directory: Folder,
    rows: Annotated[int, typer.Option(help="Random events beside the golden vectors.")] = 1024,
) -> None:
    """Compare a model with the framework it came from and with kaon's own evaluator: float64, or exact integers in fixed point."""
    result = kaon.check(directory, rows)
    table = Table("events", "C++", "reference", "largest difference", "row", "output", "accepted", title=f"{result.name}: check")
    if any(d.equal is not None for d in result.differences):
        table.add_column("equal", justify="right")
    table.add_column("")
    for d in result.differences:
        verdict = "[green]ok[/green]" if d.passed else "[red]too large[/red]"
        equal = [] if d.equal is None else [f"{d.equal} of {d.count}"]
        where = f"{d.sink}[{d.output}]"
        table.add_row(d.data, d.got, d.reference, f"{d.largest:.2e}", str(d.row), where, f"{d.accepted:.1e}", *equal, verdict)
    console().print(table)
    for note in result.notes:
        print(f"not compared with the source framework: {one_line(note)}")
    if not result.passed:
        raise typer.Exit(1)


@app.command("bench", epilog=example("kaon bench build/jets --json > bench.json"))
def bench_command(
    directory: Folder,
    json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
) -> None:
    """Measure ns per event, beside ONNX Runtime, and the ratio to this machine's bound."""
    kaon.bench(directory, json=json)


@app.command("report", epilog=example("kaon report build/jets --plot jets.png"))
def report_command(
    directory: Folder,
    plot: Annotated[Path | None, typer.Option(metavar="PNG", help="The plot to write (default: DIR/NAME.report.png).")] = None,
) -> None:
    """List layers, shapes, parameters, multiplications and bytes; draw a plot."""
    result = kaon.report(directory, plot)
    title = f"{result.name}, from {one_line(result.source)}"
    table = Table("layer", "kind", "shape", title=title)
    for column in ("parameters", "multiplications", "bytes"):
        table.add_column(column, justify="right")
    shown = ("weights", "bias", "accumulator", "result") if any(r.types for r in result.layers) else ()
    for column in shown:
        table.add_column(column, overflow="fold")
    for name, shape in result.inputs.items():
        table.add_row(one_line(name), "input", shape_text(shape), "", "", "", *([""] * 3 + [result.input_types[name]] if shown else []))
    for r in result.layers:
        types = (r.types.get(column, "") for column in shown)
        table.add_row(one_line(r.name), r.kind, shape_text(r.shape), str(r.parameters), str(r.multiplications), str(r.bytes), *types)
    table.add_section()
    table.add_row("all", "", "", str(result.parameters), str(result.multiplications), str(result.bytes))
    console().print(table)
    for r in result.layers:
        if r.forest:
            by_category = f", {r.forest['categories']} of the splits by category" if r.forest["categories"] else ""
            print("{name}: {trees} trees, {splits} splits, {leaves} leaves, at most {levels} levels".format(name=one_line(r.name), **r.forest) + by_category)
    print(f"plot: {result.plot}")


@app.command("lint", epilog=example("kaon lint build/tagger") + "  or  " + example("kaon lint top.cpp --top trigger_top -I src").removeprefix("Example:  "))
def lint_command(
    what: Annotated[Path, typer.Argument(metavar="DIR|TOP.cpp", help="A folder that kaon convert wrote, or a C++ file with a top function.", show_default=False)],
    top: Annotated[str | None, typer.Option(metavar="NAME", help="Of a C++ file: the top function.")] = None,
    include: Annotated[list[Path] | None, typer.Option("-I", metavar="FOLDER", help="Of a C++ file: where its headers are (kaon's are found).")] = None,
    define: Annotated[list[str] | None, typer.Option("-D", metavar="MACRO", help="Of a C++ file: a macro, as compilers take it.")] = None,
) -> None:
    """Is the top function fit for an HLS compiler? Names what is not, with the line of C++."""
    result = kaon.lint(what, top, include or (), define or ())
    for finding in result.findings:
        print(one_line(finding))
    for note in result.notes:
        print(f"not looked at: {one_line(note)}")
    print(f"{result.name}: " + (f"{len(result.findings)} found" if result.findings else "fit for an HLS compiler"))
    if not result.passed:
        raise typer.Exit(1)


class Tool(str, Enum):
    vitis = "vitis"
    catapult = "catapult"
    bambu = "bambu"


class Ports(str, Enum):
    scalar = "scalar"
    array = "array"
    stream = "stream"


@app.command("hls", epilog=example("kaon hls build/tagger --tool vitis -o build/tagger-vitis --part xcvu13p-flga2577-2-e --clock-ns 4"))
def hls_command(
    directory: Folder,
    tool: Annotated[Tool, typer.Option(help="The HLS tool whose user gets the project.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="PROJECT", help="The folder to write.")],
    part: Annotated[str | None, typer.Option(metavar="P", help="The device (default: the tool's).", show_default=False)] = None,
    clock_ns: Annotated[float, typer.Option(metavar="T", help="The clock's period.")] = 5.0,
    ports: Annotated[Ports, typer.Option(help="One port a number, an array for each input and output, or a stream of events.")] = Ports.scalar,
    run: Annotated[bool, typer.Option("--run", help="Run the tool too: it has to be on PATH.")] = False,
) -> None:
    """Write a fixed-point model as a project of an HLS tool: sources, headers, scripts, a test bench with golden vectors."""
    project = kaon.hls(directory, tool.value, output, part, clock_ns, ports.value, run)
    about = f"{project.tool}, {project.ports} ports, {project.part}, {project.clock_ns:g} ns"
    print(f"{output}: {project.name} for {about}, {len(project.files)} files; start with {output / 'run.sh'}")
    if project.run is None:
        return
    for line in project.run.lines:
        print(one_line(line))
    table = Table("latency", "II", "Fmax", "LUT", "FF", "DSP", "BRAM", "", title=f"{project.name}: {project.tool}")
    figures = project.run.figures
    clock = "" if figures.megahertz is None else f"{figures.megahertz:.0f} MHz"
    counts = (figures.latency, figures.interval, clock, figures.lut, figures.ff, figures.dsp, figures.bram)
    verdict = "[green]PASS[/green]" if project.run.passed else "[red]FAIL[/red]"
    table.add_row(*("" if count is None else str(count) for count in counts), verdict)
    console().print(table)
    if not project.run.passed:
        raise typer.Exit(1)


def shape_text(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def console() -> Console:
    """Returns a console that does not cut tables to a default width when the output is no terminal."""
    return Console(markup=True) if sys.stdout.isatty() else Console(width=140, markup=True)


def main(arguments: list[str] | None = None) -> None:
    """Runs the command and exits: 0 done, 2 refused input, 1 anything else."""
    sys.exit(status(sys.argv[1:] if arguments is None else arguments))


def status(arguments: list[str]) -> int:
    """Runs the command; returns its exit code. KAON_TRACEBACK=1 shows where an unforeseen error came from."""
    try:
        with shown():
            return app(arguments, prog_name="kaon", standalone_mode=False) or 0
    except KaonError as error:
        return refused(error, error.exit_code)
    except Abort:
        return refused("command line: interrupted; run it again", 1)
    except TyperException as error:
        return usage(error)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # the reader has gone: nothing is left to say, also at exit
        return 1
    except Exception as error:
        if os.environ.get("KAON_TRACEBACK"):
            raise
        return refused(f"internal: {type(error).__name__}: {error}; set KAON_TRACEBACK=1 and report what it prints", 1)


def usage(error: Any) -> int:
    """Reports an error in the command line itself; without any argument there is only the help, already printed."""
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "kaon"
    if type(error).__name__ == "NoArgsIsHelpError":
        print(message)
        return 2
    return refused(f"command line: {one_line(message).rstrip('.')}; see {command} --help", 2)


def refused(message: object, code: int) -> int:
    print(f"kaon: error: {one_line(message, 2000)}", file=sys.stderr)
    return code
