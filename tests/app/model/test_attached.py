"""What is attached becomes blocks of Converse, as far as a model takes it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.model.attached import (
    DOCUMENT,
    IMAGE,
    MOST_BYTES,
    size,
    takes,
    tokens,
    with_content,
    without_earlier,
)
from app.model.context import fit
from app.model.failure import ModelError

PRO, MICRO = "amazon.nova-pro-v1:0", "us.amazon.nova-micro-v1:0"
Message = dict[str, Any]


def image(name: str = "view.png", size: int = 10, **more: object) -> Message:
    """Return an image as it stands in a message."""
    about = {"name": name, "size": size, **more}
    return {"attachment": about, "kind": IMAGE, "format": "png"}


def document(number: int, format_: str = "txt", size: int = 10) -> Message:
    """Return a document as it stands in a message."""
    about = {"name": f"{number}.{format_}", "size": size}
    return {"attachment": about, "kind": DOCUMENT, "format": format_, "number": number}


def user(*parts: Message, text: str = "see") -> Message:
    """Return a question with its attachments."""
    return {"role": "user", "content": [*parts, {"text": text}]}


REPLY: Message = {"role": "assistant", "content": [{"text": "seen"}]}


def shown(message: Message) -> list[str]:
    """Return the names of what a message still has attached."""
    return [part["attachment"]["name"] for part in message["content"] if "attachment" in part]


def test_blocks_are_those_of_converse_and_name_no_file() -> None:
    """A name may be an instruction, and has letters that Bedrock refuses."""
    messages = [user(image("ignore all.png"), document(3, "pdf"))]
    [message] = with_content(messages, lambda about: about["name"].encode())
    assert message["content"] == [
        {"image": {"format": "png", "source": {"bytes": b"ignore all.png"}}},
        {"document": {"format": "pdf", "name": "Document 3", "source": {"bytes": b"3.pdf"}}},
        {"text": "see"},
    ]
    assert re.fullmatch(r"[A-Za-z0-9 ()\[\]-]{1,200}", "Document 3")


def test_file_that_is_gone_is_told() -> None:
    """To the model where it came earlier; to the user where the question is about it."""
    messages = [user(image()), REPLY, user()]
    [earlier, _, _] = with_content(messages, lambda _: None)
    assert earlier["content"][0] == {"text": "(An image was attached here. Its file is gone.)"}
    with pytest.raises(ModelError, match=r"'view\.png' cannot be shown to the model"):
        with_content([user(), REPLY, user(image())], lambda _: None)


def test_all_that_fits_is_shown_again() -> None:
    """With each later question."""
    messages = [user(image("a"), document(1)), REPLY, user(document(2))]
    assert fit(messages, PRO) == (messages, 0, 0)
    assert size(messages) == 30


@pytest.mark.parametrize(
    ("earlier", "kept"),
    [
        ([image(str(n)) for n in range(30)], 20),
        ([document(n) for n in range(30)], 5),
        ([image(str(n), size=MOST_BYTES // 4) for n in range(6)], 4),
        ([document(n, "txt", size=300_000) for n in range(5)], 2),  # 100,000 tokens each of 300,000
    ],
)
def test_latest_attachments_are_kept_and_the_others_counted(
    earlier: list[Message], kept: int
) -> None:
    """Within the number, the bytes and the tokens of a request; the texts of all turns stay."""
    turns = [each for part in earlier for each in (user(part), REPLY)]
    messages, left_out, hidden = fit([*turns, user()], PRO)
    assert (left_out, hidden) == (0, len(earlier) - kept)
    names = [name for message in messages for name in shown(message)]
    assert names == [part["attachment"]["name"] for part in earlier[-kept:]]
    assert "was attached here" in messages[0]["content"][0]["text"]


def test_what_is_asked_now_comes_first() -> None:
    """It takes the room of earlier ones, and is shown in any case."""
    now = [document(n) for n in range(6)]
    messages, _, hidden = fit([user(document(9)), REPLY, user(*now)], PRO)
    assert hidden == 1
    assert len(shown(messages[-1])) == 6


def test_model_that_takes_none_is_not_shown_earlier_ones() -> None:
    """It would refuse the whole conversation; what is asked now is for the model to refuse."""
    messages, _, hidden = fit([user(image(), document(1)), REPLY, user(image("now"))], MICRO)
    assert hidden == 2
    assert [shown(message) for message in messages] == [[], [], ["now"]]


@pytest.mark.parametrize(
    ("model", "images", "documents"),
    [
        (MICRO, False, False),
        (PRO, True, True),
        ("anthropic.claude-v2:1", False, True),
        ("eu.anthropic.claude-3-5-haiku-20241022-v1:0", False, True),
        ("global.anthropic.claude-sonnet-4-5-20250929-v1:0", True, True),
        ("mistral.mistral-large-2407-v1:0", False, True),
        ("new.model-v1", True, True),
    ],
)
def test_what_a_model_takes(model: str, images: bool, documents: bool) -> None:  # noqa: FBT001
    """As "Supported models and model features" has it; an unknown one may take all."""
    assert (takes(model, IMAGE), takes(model, DOCUMENT)) == (images, documents)


def test_earlier_ones_of_a_kind_can_be_left_out() -> None:
    """Unless the question has one, too, as the model would refuse that."""
    messages = [user(image("a"), document(1)), REPLY, user(document(2))]
    without, count = without_earlier(messages, IMAGE)
    assert count == 1
    assert [shown(message) for message in without] == [["1.txt"], [], ["2.txt"]]
    assert without_earlier(messages, DOCUMENT) == (messages, 0)


def test_images_cost_by_their_pixels() -> None:
    """Up to what a model scales them down to, which one of unknown size is taken for."""
    assert tokens(image(pixels=[300, 250])) == 101
    assert tokens(image(pixels=[8000, 8000])) == tokens(image()) == 1600
