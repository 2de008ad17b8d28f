"""What the model is sent and sends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.plan.traffic import GB

if TYPE_CHECKING:
    from parity.plan.figures import Figures
    from parity.plan.load import Day
    from parity.plan.tables import Table

MODELS = ("nova_micro", "nova_lite", "nova_pro")
THOUSAND = 1000


@dataclass(frozen=True)
class Tokens:
    """A month's tokens."""

    input: float
    output: float


def tokens(day: Day, figures: Figures) -> Tokens:
    """Return a month's tokens: what all turns send and get."""
    profile = figures.profile
    turns = day.turns * profile["days_per_month"]
    return Tokens(input=turns * sent_tokens(profile), output=turns * profile["answer_tokens"])


def sent_tokens(profile: Table) -> float:
    """Return the input tokens of one turn, on average."""
    turn = profile["prompt_tokens"] + profile["answer_tokens"]
    return profile["prompt_tokens"] + profile["turns_sent_along"] / 2 * turn


def cost(used: Tokens, model: str, figures: Figures) -> float:
    """Return what the tokens cost with one model, in USD."""
    prices = figures.prices
    sent = used.input / THOUSAND * prices[f"{model}_input_1k"]
    return sent + used.output / THOUSAND * prices[f"{model}_output_1k"]


def gigabytes(used: Tokens, figures: Figures) -> float:
    """Return a month's GB between tasks and Bedrock."""
    measured = figures.measured
    moved = used.input * measured["token_bytes"] + used.output * measured["token_wire_bytes"]
    return moved / GB
