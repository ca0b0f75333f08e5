"""What the files of a project look like: text beside this module, in which @NAME@ is filled in."""

from __future__ import annotations

import re
from pathlib import Path

from kaon.error import Failed

FOLDER = Path(__file__).parent


def filled(name: str, **values: str) -> str:
    """Returns a template with every @NAME@ filled in."""
    text = (FOLDER / name).read_text()

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise Failed(FOLDER / name, f"nothing is given for @{match[1]}@", "report it")
        return values[match[1]]

    return re.sub(r"@([A-Z_]+)@", value, text)
