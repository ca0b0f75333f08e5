"""Everything that the programs of one network read: its files, kaon's header, SOFIE's code."""

from __future__ import annotations

import sys
from pathlib import Path

from kaon.convert import convert
from kaon.reference import write_dynamic_batch
from networks import Network, write

sys.path.append(str(Path(__file__).resolve().parents[1] / "jets"))
from prepare import BATCHES, write_sofie  # noqa: E402


def prepare_network(network: Network, out: Path, with_sofie: bool) -> Path:
    """Returns the network's folder under `out`."""
    directory = out / network.name
    model = write(network, directory)
    write_dynamic_batch(model, directory / "dynamic_batch.onnx")
    convert(model, directory / "kaon", network.name)
    if with_sofie:
        for rows in BATCHES:
            write_sofie(model, rows, directory)
    return directory
