"""Terms: the numbers of law that one rule needs, each with its citation.

A terms class names the parameter of each number; `read_terms` fills it from wherever parameters
are kept. Rules compute with the numbers and cite through `cite`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from enrollment.rules.parameters import Provision
from enrollment.rules.trace import NO_CITATION, Citation

_CODE = "parameter"


def parameter(code: str) -> Any:
    """A field of a terms class that holds the value of parameter `code`."""
    return field(metadata={_CODE: code})


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Base of the terms of a rule. `citations` are by field name."""

    citations: Mapping[str, Citation] = field(default_factory=dict, repr=False, compare=False)

    def cite(self, name: str) -> Citation:
        """Where the number of field `name` comes from."""
        return self.citations.get(name, NO_CITATION)

    @classmethod
    def codes(cls) -> dict[str, str]:
        """Parameter code of each field that is read from a parameter."""
        return {f.name: f.metadata[_CODE] for f in fields(cls) if _CODE in f.metadata}


T = TypeVar("T", bound=Terms)


def read_terms(kind: type[T], find: Callable[[str], Provision], **others: Any) -> T:
    """Terms of `kind`; `find` gives the provision in force of a code, or raises MissingParameter.

    `others` fill the fields that are no parameters.
    """
    provisions = {name: find(code) for name, code in kind.codes().items()}
    citations = {name: provision.citation for name, provision in provisions.items()}
    return kind(
        **{name: provision.value for name, provision in provisions.items()},
        **others,
        citations=citations,
    )
