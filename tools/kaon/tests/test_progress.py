"""Bars: only in commands, only on a terminal, only after a second; and running piece by piece changes nothing."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
import time

import numpy as np
import pytest
from rich.console import Console

import kaon
from kaon import progress
from kaon.progress import shown, working
from onnx_models import mlp


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setattr(progress, "DELAY", 0.05)
    return Console(file=io.StringIO(), force_terminal=True, width=100)


def test_drawn_after_the_delay(terminal):
    with shown(terminal), working("counting", steps=2) as done:
        done(1)
        with working("inner"):
            time.sleep(0.4)
    text = terminal.file.getvalue()
    assert "counting" in text and "inner" in text


def test_what_is_fast_draws_nothing(terminal):
    with shown(terminal):
        for _ in range(50):
            with working("fast"):
                pass
    time.sleep(0.2)
    assert terminal.file.getvalue() == ""


def test_silent_in_functions(terminal, capfd):
    with working("unseen", steps=3) as done:
        done(3)
        time.sleep(0.2)
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""


def test_no_bar_is_left_by_an_error(terminal):
    with pytest.raises(ZeroDivisionError), shown(terminal), working("failing"):
        time.sleep(0.2)
        raise ZeroDivisionError
    with shown(terminal), working("next"):
        pass


@pytest.mark.parametrize("batch", [None, 1, 7, 64, 1000])
def test_pieces(tmp_path, random, native, monkeypatch, batch):
    """Rows run in pieces give the same bits as in one."""
    kaon.convert(mlp(tmp_path / "m.onnx", random), tmp_path / "m")
    rows = random.standard_normal((501, 6)).astype(np.float32)
    whole = kaon.run(tmp_path / "m", rows, batch=batch)["y"]
    run_module = sys.modules["kaon.run"]
    monkeypatch.setattr(run_module, "PIECE", 100)
    np.testing.assert_array_equal(kaon.run(tmp_path / "m", rows, batch=batch)["y"], whole)
    assert kaon.run(tmp_path / "m", rows[:0], batch=batch)["y"].shape == (0, 4)


def test_a_command_on_a_terminal(tmp_path, random, native):
    """Compiling a model takes more than a second: its bar is on standard error, the result on standard output."""
    kaon.convert(mlp(tmp_path / "m.onnx", random, sizes=(6, 64, 64, 64, 4)), tmp_path / "m")
    np.save(tmp_path / "x.npy", random.standard_normal((5, 6)))
    try:
        parent, child = pty.openpty()
    except OSError as error:
        pytest.skip(f"no pseudo-terminal to be had ({error})")
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache"), "TERM": "xterm"}
    command = [sys.executable, "-m", "kaon", "run", str(tmp_path / "m"), "--input", str(tmp_path / "x.npy"), "-o", str(tmp_path / "y.npz")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=child) as process:
        os.close(child)
        drawn = b""
        try:
            while piece := os.read(parent, 1 << 16):
                drawn += piece
        except OSError:  # the other end was closed
            pass
        out = process.stdout.read().decode()
    os.close(parent)
    assert process.returncode == 0 and "5 x 4" in out and "compiling" not in out
    assert b"compiling m with" in drawn
