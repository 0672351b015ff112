"""Files of what a person is owed that come in; how they are read stands in `enrollment.imports`."""

from benefits.imports.claims import CLAIMS

KINDS = (CLAIMS,)
