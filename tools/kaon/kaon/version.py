"""The version of the package: the one that include/kaon/version.hpp states (a test compares them)."""

VERSION = "0.1.0"
