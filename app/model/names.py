"""Which family a model belongs to, by whatever name it goes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

Known = TypeVar("Known")

# An inference profile of a geography, such as us. or eu., or the ARN of one or of a model.
_BEFORE_ID = re.compile(r"^(?:arn:.*/)?(?:(?:us|us-gov|eu|apac|jp|au|ca|global)\.)?")


def family(model_id: str, known: Mapping[str, Known]) -> Known | None:
    """Return what is known of a model, by the longest beginning of its id; None if nothing is."""
    name = _BEFORE_ID.sub("", model_id)
    starts = [start for start in known if name.startswith(start)]
    return known[max(starts, key=len)] if starts else None
