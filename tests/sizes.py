"""Everyday sizes, or those that are asked for by `make test FULL=1`."""

import os

FULL = bool(os.environ.get("TONGCHOU_FULL"))
