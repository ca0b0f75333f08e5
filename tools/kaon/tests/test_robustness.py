"""Damaged files: bit flips and truncations end in a conversion or a refusal, never in anything else."""

from __future__ import annotations

import os
import zipfile

import numpy as np
import pytest

import kaon
from keras_models import dense, h5_bytes, input_layer, save, sequential, weights
from onnx_models import mlp


def attempt(path, directory) -> bool:
    """Returns whether the file was converted; any exception but a refusal fails the test."""
    try:
        kaon.convert(path, directory, name="m")
    except kaon.Refused as error:
        assert error.place and error.cause and error.remedy and "\n" not in str(error)
        assert not directory.exists()
        return False
    kaon.open_package(directory)
    return True


def damaged(data: bytes, generator: np.random.Generator, count: int):
    """Yields copies of data: cut, with flipped bits, with bytes overwritten."""
    for number in range(count):
        copy = bytearray(data)
        kind = number % 3
        if kind == 0:
            del copy[int(generator.integers(len(copy))) :]
        for _ in range(int(generator.integers(1, 8)) if kind else 0):
            at = int(generator.integers(len(copy)))
            copy[at] = copy[at] ^ (1 << int(generator.integers(8))) if kind == 1 else int(generator.integers(256))
        yield bytes(copy)


@pytest.fixture
def original(request, tmp_path, random) -> bytes:
    if request.param == "onnx":
        return mlp(tmp_path / "original", random, metadata={"class_names": '["a", "b", "c", "d"]'}).read_bytes()
    return save(tmp_path / "original", sequential([input_layer(3), dense("fc", 2, "softmax")]), weights(random, 3, 2)).read_bytes()


@pytest.mark.parametrize(("original", "count"), [("onnx", 600), ("keras", 240)], indirect=["original"])
def test_damaged_files(tmp_path, random, original, count):
    refused = 0
    for number, data in enumerate(damaged(original, random, count)):
        path, directory = tmp_path / "damaged", tmp_path / f"out{number}"
        path.write_bytes(data)
        refused += not attempt(path, directory)
    assert count // 4 < refused <= count


def test_damaged_hdf5_inside_a_whole_archive(tmp_path, random):
    """The archive's check sums are right: the HDF5 library itself meets the damage."""
    whole = h5_bytes(weights(random, 3, 2))
    for number, data in enumerate(damaged(whole, random, 45)):
        attempt(save(tmp_path / "m", sequential([input_layer(3), dense("fc", 2)]), data), tmp_path / f"out{number}")


def test_damaged_config_inside_a_whole_archive(tmp_path, random):
    path = save(tmp_path / "m", sequential([input_layer(3), dense("fc", 2, "relu")]), weights(random, 3, 2))
    with zipfile.ZipFile(path) as archive:
        config = archive.read("config.json")
    for number, data in enumerate(damaged(config, random, 90)):
        attempt(save(tmp_path / "d", data, weights(random, 3, 2)), tmp_path / f"out{number}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read every file")
def test_unreadable_file(tmp_path, random, kaon_command):
    path = mlp(tmp_path / "m.onnx", random)
    path.chmod(0)
    kaon_command("convert", path).refusal()
