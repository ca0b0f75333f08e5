"""What takes longer than a second shows how far it is: in the commands, on standard error, where that is a terminal."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

DELAY = 1.0
"""Seconds that pass before anything is drawn."""

_console: Console | None = None
_bars: Progress | None = None


@contextmanager
def shown(console: Console | None = None) -> Iterator[None]:
    """Lets working() draw, on `console` or on standard error. Without it, as where kaon's functions are called, it stays silent."""
    global _console
    console = console or (Console(stderr=True) if sys.stderr.isatty() else None)
    before, _console = _console, console
    try:
        yield
    finally:
        _console = before


@contextmanager
def working(what: str, steps: int | None = None) -> Iterator[Callable[[int], None]]:
    """Draws a bar while something is done; yields a function that takes how many steps of it are done now.

    steps: all of them; None where that is not known, then the bar only moves. Within another bar it is a line of its own.
    """
    if _console is None:
        yield lambda done: None
    else:
        with bars(_console) as drawn:
            task = drawn.add_task(what, total=steps)
            try:
                yield lambda done: drawn.update(task, completed=done)
            finally:
                drawn.remove_task(task)


@contextmanager
def bars(console: Console) -> Iterator[Progress]:
    """Yields the bars that are drawn, or new ones: they appear after DELAY and are gone at the end."""
    global _bars
    if _bars is not None:
        yield _bars
        return
    drawn = Progress(TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn(), console=console, transient=True)
    timer = threading.Timer(DELAY, drawn.start)
    timer.daemon = True
    timer.start()
    _bars = drawn
    try:
        yield drawn
    finally:
        _bars = None
        timer.cancel()
        timer.join()  # whether or not it has started to draw: afterwards it will not
        drawn.stop()
