"""The volume as a deployed stack's has to be looked into: by a program within the app's image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from e2e.volume import log_of

if TYPE_CHECKING:
    from e2e.chat import Chat
    from e2e.target import Target
    from e2e.volume import Volume


def test_image_has_what_a_look_from_inside_takes(
    chat: Chat, target: Target, volume: Volume
) -> None:
    """With the replicas' own rights; what it finds is what is there."""
    chat.ask("Can you be seen from inside?")
    key = chat.wait_kept()
    inside = target.volume_from_inside
    assert inside.prompts(key) == volume.prompts(key) == ["Can you be seen from inside?"]
    assert log_of(key) in inside.files()
