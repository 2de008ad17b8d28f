"""What a rule is."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from parity.template.place import Fault
    from parity.template.values import Resolved


@dataclass(frozen=True)
class Rule:
    """Something that must hold of every template that runs the chatbot.

    name: as findings quote it. check: pure; yields what is wrong. source: title of the document
    on which it rests.
    """

    name: str
    check: Callable[[Resolved], Iterator[Fault]]
    source: str

    @property
    def why(self) -> str:
        """One sentence for somebody who is new to AWS."""
        return inspect.getdoc(self.check) or ""
