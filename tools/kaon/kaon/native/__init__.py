"""Compiling a converted model into a shared library and calling it."""
