"""A province of its own, real workers, and somebody who kills them (tests/test_chaos.py)."""
