"""Benchmarks: every figure a ratio against a floor or a peer of the same run and server.

`python -m tests.bench NAME [--people N] --json`. A benchmark brings its own database and may keep
a seeded one in its instance while migrations, SQL and seed are unchanged.
"""
