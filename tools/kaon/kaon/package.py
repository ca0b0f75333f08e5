"""A converted model as a folder (DIR in the commands): written whole or not at all, verified when opened."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kaon.arrays import read_arrays
from kaon.error import Failed, Refused
from kaon.fields import Field, parse
from kaon.graph import Graph
from kaon.manifest import BOUND, binding, check_format, graph_of, sha256
from kaon.weights import read_weights

REMEDY = "give a folder that kaon convert wrote"


@dataclass
class Package:
    """A model folder that was opened and verified."""

    directory: Path
    name: str
    graph: Graph
    manifest: Field

    def file(self, role: str) -> Path:
        """Returns the path of a file by its role: header, weights, golden, source."""
        return self.directory / self.manifest["files"][role]["file"].text()

    @property
    def source_kind(self) -> str:
        return self.manifest["source"]["kind"].text()

    @property
    def ignored(self) -> list[str]:
        """What of a configuration beside the source has no effect on what is computed."""
        return self.manifest["source"].get("ignored", []).texts()

    @property
    def scalar(self) -> str:
        return self.manifest["scalar"].text()

    def golden(self, kind: str = "") -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Returns the golden inputs and outputs by name, arrays [rows][...]. kind: 'raw_' for raw integers of a model in fixed point."""
        arrays = read_arrays(self.file("golden"))
        parts = []
        for prefix, ports in ((f"{kind}input/", self.graph.inputs), (f"{kind}output/", self.graph.outputs)):
            missing = [p.name for p in ports if prefix + p.name not in arrays]
            if missing:
                raise Refused(self.file("golden"), f"no array {prefix}{missing[0]}", "convert the model again")
            parts.append({p.name: arrays[prefix + p.name] for p in ports})
        return parts[0], parts[1]


def find_manifest(directory: Path) -> Field:
    """Returns the manifest of a folder, checked to be one of ours."""
    if not directory.is_dir():
        raise Refused(directory, "it is not a folder" if directory.exists() else "no such folder", REMEDY)
    candidates = sorted(directory.glob("*.json"))
    if len(candidates) != 1:
        raise Refused(directory, f"it has {len(candidates)} .json files, not one manifest", REMEDY)
    content = parse(str(candidates[0]), candidates[0].read_bytes())
    check_format(content)
    if content["name"].text() != candidates[0].stem:
        raise Refused(candidates[0], "the manifest's name is not the file's", "convert the model again")
    return content


def open_package(directory: Path | str) -> Package:
    """Opens a model folder. Refuses one whose files are missing, changed, or not bound by the manifest's hash."""
    directory = Path(directory)
    content = find_manifest(directory)
    hashes: dict[str, str] = {}
    data = b""
    for role in content["files"].of(dict, "an object"):
        entry = content["files"][role]
        file = entry["file"].text()
        if Path(file).name != file:
            raise entry["file"].refuse("a file outside of the folder", "convert the model again")
        try:
            content_of_file = (directory / file).read_bytes()
        except OSError as error:
            raise Refused(directory / file, error.strerror or "cannot be read", "convert the model again") from error
        hashes[role] = sha256(content_of_file)
        if hashes[role] != entry["sha256"].text():
            raise Refused(directory / file, "it was changed after the conversion (sha256 differs)", "convert the model again")
        if role == "weights":
            data = content_of_file
    missing = [role for role in BOUND if role not in hashes]
    if missing or binding(hashes) != content["hash"].text():
        raise Refused(content.path, "the hash does not bind header, weights and golden vectors", "convert the model again")
    tensors = read_weights(str(directory), data)
    return Package(directory, content["name"].text(), graph_of(content, tensors), content)


def write_package(directory: Path, files: Mapping[str, bytes]) -> None:
    """Makes `directory` hold exactly `files`: an old model there is replaced in one step, anything else is refused."""
    refuse_foreign(directory)
    write_folder(directory, files)


def write_folder(directory: Path, files: Mapping[str, bytes], executable: Container[str] = ()) -> None:
    """Makes `directory` hold exactly `files`, by their paths in it; whatever stood there is replaced in one step."""
    directory = Path(os.path.realpath(directory))
    temporary = directory.with_name(f".{directory.name}.{os.getpid()}.tmp")
    made = [p for p in (directory.parent, *directory.parent.parents) if not p.exists()]
    done = False
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        temporary.mkdir()
        for name, data in files.items():
            path = temporary / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            if name in executable:
                path.chmod(0o755)
        replace(temporary, directory)
        done = True
    except OSError as error:
        raise Failed(directory, error.strerror or "cannot be written", "give a folder that can be written with -o") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if not done:
            for parent in made:
                if parent.exists() and not any(parent.iterdir()):
                    parent.rmdir()


def refuse_foreign(directory: Path) -> None:
    """Refuses to replace anything but an empty folder or a model that kaon wrote, with nothing added to it."""
    remedy = "give another folder with -o, or move it away"
    if not directory.exists():
        return
    if not directory.is_dir():
        raise Refused(directory, "it exists and is not a folder", remedy)
    if directory.samefile(Path.cwd()):
        raise Refused(directory, "it is the current folder, and a model's folder is replaced as a whole", "give another folder with -o")
    present = {p.name for p in directory.iterdir()}
    if not present:
        return
    try:
        content = find_manifest(directory)
        name = content["name"].text()
        ours = {content["files"][role]["file"].text() for role in content["files"].of(dict, "an object")}
    except Refused as error:
        raise Refused(directory, "it exists and holds something that kaon did not write", remedy) from error
    foreign = sorted(present - ours - {f"{name}.json", f"{name}.report.png"})
    if foreign:
        raise Refused(directory, f"it holds {foreign[0]!r}, which kaon did not write", remedy)


def replace(new: Path, old: Path) -> None:
    """Puts `new` in the place of `old` in one step; `new` then is what stood there, or is gone."""
    if not old.exists() or not any(old.iterdir()):
        os.rename(new, old)
    elif not exchanged(new, old):
        aside = old.with_name(f".{old.name}.{os.getpid()}.old")
        os.rename(old, aside)
        os.rename(new, old)
        shutil.rmtree(aside, ignore_errors=True)


def exchanged(a: Path, b: Path) -> bool:
    """Swaps two paths atomically where the system can (Linux renameat2); tells whether it did."""
    at_working_directory, rename_exchange = -100, 2
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    return call(at_working_directory, os.fsencode(a), at_working_directory, os.fsencode(b), rename_exchange) == 0
