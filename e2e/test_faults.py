"""Whatever breaks, and whatever the user is doing then: nothing is lost, and the chat goes on.

Each test: healthy, break (the fault makes sure that it did), what the user was doing goes on or
waits, mend, the chat works, and the volume holds every message once, each with one answer.
"""

from __future__ import annotations

import time
from enum import StrEnum
from itertools import product
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from app.conversation import State
from parity.cluster.protocol import Ability
from parity.faults import FAULTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.mark.structures import ParameterSet

    from e2e.chat import Chat
    from e2e.model import Model
    from e2e.volume import Volume
    from parity.cluster.protocol import Cluster
    from parity.faults import Fault

TYPED = "half a mess"
# Long with any model; the stand-in goes by the number in brackets.
ASKED = "Count from one to two hundred in words. [[tokens=400]]"

# What the quick runs make in mid-answer; other tests make the others at other moments, and so does
# the torture that follows.
QUICK = {
    "replica killed",
    "replica cut from the network",
    "rolling redeploy",
    "model cut from the network",
    "volume full",
}


class Moment(StrEnum):
    """What the user is doing."""

    IDLE = "idle"
    TYPING = "typing"
    ANSWERED = "in-mid-answer"


def cases() -> Iterator[ParameterSet]:
    """Yield every fault at every moment; what asks least of the app is only for thorough runs."""
    for fault, moment in product(FAULTS, Moment):
        marks = [pytest.mark.needs(*fault.needs)]
        if (fault, moment) != (FAULTS[0], Moment.ANSWERED):
            marks.append(pytest.mark.every_fault)
        asks_most = moment is Moment.ANSWERED and fault.name in QUICK
        if not asks_most and (fault, moment) != (FAULTS[0], Moment.TYPING):
            marks.append(pytest.mark.thorough)
        name = f"{fault.name.replace(' ', '-')}-{moment}"
        yield pytest.param(fault, moment, id=name, marks=marks)


@pytest.mark.parametrize(("fault", "moment"), list(cases()))
def test_nothing_is_lost(  # noqa: PLR0913, PLR0917 - each is a part of the stack
    chat: Chat, model: Model, cluster: Cluster, volume: Volume, fault: Fault, moment: Moment
) -> None:
    """See above; a page that has to leave its replica does so by itself."""
    chat.ask("before")
    expected = ["before", "after"]
    # As a scale-in takes the newest first.
    here = chat.hop_to(cluster.replicas()[-1].hostname.__eq__)
    if moment is Moment.TYPING:
        chat.input.fill(TYPED)
    elif moment is Moment.ANSWERED:
        expected.insert(1, ASKED)
        chat.send(ASKED)
        chat.wait_growing()

    with fault.inject(cluster, here):
        mended_at = time.monotonic() + fault.lasts
        expect(chat.messages.first).to_contain_text("before")
        assert volume.prompts(chat.wait_kept())[:1] == ["before"]
        if fault.ends_replica:
            chat.wait_for_other_replica(here)
        chat.page.wait_for_timeout(max(0, 1000 * (mended_at - time.monotonic())))

    chat.wait_settled(2 * len(expected) - 2)
    if moment is Moment.TYPING:
        assert chat.input.input_value() == TYPED
    answer = chat.ask("after")
    turns = volume.turns(chat.wait_kept())
    assert [turn.prompt for turn in turns] == expected
    during = {State.DONE, State.FAILED} if Ability.MODEL in fault.needs else {State.DONE}
    assert {turn.state for turn in turns[:-1]} <= during
    assert turns[-1].state is State.DONE
    model.check(answer, turn=sum(turn.state is State.DONE for turn in turns))
