"""kaon: trained models of high-energy physics as C++ types. Every command is a function here, for notebooks.

    import kaon
    jets = kaon.convert("jet_tagger.onnx", "build/jets", name="jets")
    scores = kaon.run("build/jets", events)["scores"]
    assert kaon.check("build/jets").passed
"""

from kaon.bench import bench
from kaon.check import CheckResult, Difference, check
from kaon.convert import convert
from kaon.error import Failed, KaonError, Refused
from kaon.hls import HlsProject, HlsRun, hls
from kaon.lint import Finding, LintResult, lint
from kaon.package import Package, open_package
from kaon.report import LayerReport, Report, report
from kaon.run import run
from kaon.version import VERSION as __version__

__all__ = [
    "CheckResult",
    "Difference",
    "Failed",
    "Finding",
    "HlsProject",
    "HlsRun",
    "KaonError",
    "LayerReport",
    "LintResult",
    "Package",
    "Refused",
    "Report",
    "__version__",
    "bench",
    "check",
    "convert",
    "hls",
    "lint",
    "open_package",
    "report",
    "run",
]
