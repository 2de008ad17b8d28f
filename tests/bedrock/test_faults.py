from __future__ import annotations

import pytest

from bedrock.errors import BedrockError
from bedrock.faults import NAMES, STALL_SECONDS, Arming, Armoury, Fault, directive


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_can_be_asked_for_in_the_prompt(name: str) -> None:
    """The directive may stand anywhere in the prompt."""
    assert directive(f"please [[fault={name}]] now") == Fault(name)


def test_a_stall_may_say_how_long() -> None:
    """Seconds after a colon; without them, longer than any client waits."""
    assert directive("[[fault=stall:0.5]]") == Fault("stall", 0.5)
    assert directive("[[fault=stall]]") == Fault("stall", STALL_SECONDS)


def test_a_prompt_without_directive_has_no_fault() -> None:
    """Talking about faults asks for none."""
    assert directive("what is a fault=throttle?") is None


@pytest.mark.parametrize("spec", ["thottle", "", "cut:3", "stall:x"])
def test_a_misspelt_fault_cannot_pass_for_success(spec: str) -> None:
    """An unknown fault is refused, and quoted."""
    with pytest.raises(BedrockError, match=f"unknown fault '{spec}'"):
        directive(f"[[fault={spec}]]")


def test_an_armed_fault_strikes_as_often_as_it_was_armed_for() -> None:
    """Then requests succeed again."""
    armoury = Armoury()
    armoury.armed = Arming(Fault("throttle"), times=2)
    assert [armoury.take("a"), armoury.take("b"), armoury.take("a")] == [
        Fault("throttle"),
        Fault("throttle"),
        None,
    ]


def test_an_armed_fault_may_be_for_one_model() -> None:
    """Requests to other models neither suffer it nor use it up."""
    armoury = Armoury()
    armoury.armed = Arming(Fault("cut"), model="a")
    assert [armoury.take("b"), armoury.take("a"), armoury.take("a")] == [None, Fault("cut"), None]
