"""Compiles every C++ snippet of a Markdown file, each as a translation unit of its own, and runs those that have a main.

Usage: snippets.py FILE.md COMPILER. The header of the jet tagger is made by the kaon package, as the text around the snippets
says. Exit code 77 where that package is not installed: skipped.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODEL = ROOT / "examples" / "jets" / "model" / "jet_tagger.onnx"
# The HLS page's snippet reads the tests' trigger.hpp and has pragmas of HLS compilers.
FLAGS = ["-std=c++17", "-O2", "-march=native", "-Wall", "-Wextra", "-Wconversion", "-Wno-unknown-pragmas", "-Werror",
         f"-I{ROOT / 'include'}", "-isystem", "/usr/include/eigen3", f"-I{ROOT / 'tests' / 'hls'}"]


def snippets(text: str) -> list[tuple[int, str]]:
    """Returns the line number and the code of each fence that opens with ```cpp."""
    found = re.finditer(r"^```cpp\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [(text.count("\n", 0, match.start(1)) + 1, match.group(1)) for match in found]


def failure(command: list[str]) -> str:
    """Runs a command; returns what it printed where it failed, and nothing where it did not."""
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    return "" if done.returncode == 0 else f"{command[0]} ended with {done.returncode}\n{done.stdout}{done.stderr}"


def main() -> int:
    document, compiler = Path(sys.argv[1]), sys.argv[2]
    try:
        from kaon import convert
    except ImportError as error:
        print(f"SKIPPED: the Python package kaon is not installed ({error})")
        return 77
    found = snippets(document.read_text())
    if not found:
        print(f"{document}: no C++ snippet")
        return 1
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        convert(MODEL, work / "jet_tagger")
        for line, code in found:
            source, program = work / f"line_{line}.cpp", work / f"line_{line}"
            # #line: an error names the place in the document.
            source.write_text(f'#line {line} "{document.name}"\n{code}')
            whole = "int main(" in code
            output = ["-o", str(program)] if whole else ["-c", "-o", f"{program}.o"]
            words = failure([compiler, *FLAGS, f"-I{work / 'jet_tagger'}", str(source), *output]) or (failure([str(program)]) if whole else "")
            print(f"{document.name}:{line}: {'failed' if words else 'ran' if whole else 'compiled'}")
            if words:
                print(words)
                failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
