"""How much is tried: in the unit suite little, by `parity test --store` all that was promised.

The same tests either way: STORE_PROOF=long in the environment makes them long, and STORE_SEED
chooses what is left to chance, as far as the scheduler has no say in it.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """How often each part tries.

    examples: of the model, each of so many steps. kills: of a writer, and of a compactor. appends:
    of each of eight processes. inputs: of the fuzzer. stall: for how many seconds a volume stalls.
    """

    examples: int
    steps: int
    kills: int
    appends: int
    inputs: int
    stall: float


SHORT = Effort(examples=40, steps=25, kills=25, appends=25, inputs=1500, stall=3)
LONG = Effort(examples=2000, steps=30, kills=500, appends=500, inputs=100_000, stall=20)
IS_LONG = os.environ.get("STORE_PROOF") == "long"
EFFORT = LONG if IS_LONG else SHORT
SEED = int(os.environ.get("STORE_SEED", "4"))


def chance(*what: object) -> random.Random:
    """Return a source of chance that gives the same again for the same seed and `what`."""
    return random.Random(f"{SEED} {what}")  # noqa: S311 - repeatable
