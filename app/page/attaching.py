"""Put the files that came with a prompt on the volume as attachments, or say why not.

The limits are those of Bedrock's Converse API (app/model/attached.py): what the model could never
be shown is not taken in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from app.model.attached import DOCUMENT, IMAGE, LARGEST, MOST, MOST_BYTES, MOST_PIXELS
from app.sessions import AttachmentRefused, converse_format
from app.sessions.explaining import explained
from app.sessions.media import HEAD, recognise

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from typing import BinaryIO

    from app.browser.outbox import File, Prompt
    from app.sessions import Attachment, Session

_MIB = 2**20
_PLURAL = {IMAGE: "images", DOCUMENT: "documents"}


class Uploads(Protocol):
    """Where uploaded files wait for their prompt."""

    def find(self, file_id: str) -> AbstractContextManager[BinaryIO] | None:
        """Return one, open, with `name`, `type` and `size`; None if there is none. Raises OSError."""

    def remove(self, file_id: str) -> None:
        """Remove one, if it is there. Raises OSError."""


def attach(session: Session, prompt: Prompt, uploads: Uploads) -> list[Attachment]:
    """Attach a prompt's files durably; return what its record names.

    Raises AttachmentRefused, with one sentence for the user, and other SessionErrors; then it may
    be tried again, and what is attached already is not attached twice.
    """
    _check_limits(session, prompt.files, uploads)
    attachments = []
    for file in prompt.files:
        with _found(session, file, uploads) as upload:
            attachments.append(session.attach(upload))
    return attachments


def forget(prompt: Prompt, uploads: Uploads) -> None:
    """Remove the uploads of a prompt that is stored; what fails goes with the next sweep."""
    for file in prompt.files:
        try:
            uploads.remove(file.id)
        except OSError:
            return


def _check_limits(session: Session, files: Sequence[File], uploads: Uploads) -> None:
    """Refuse a prompt's files before any of them is stored."""
    if len(files) > sum(MOST.values()):
        raise AttachmentRefused(_too_many(len(files), "files", sum(MOST.values())))
    count = dict.fromkeys(MOST, 0)
    total = 0
    for file in files:
        with _found(session, file, uploads) as upload:
            name, size = str(upload.name), int(upload.size)
            total += size
            with explained(session.id, "saved"):
                head = upload.read(HEAD)
                kind, _ = converse_format(recognise(name, upload.type, head))
                count[kind] += 1
                if size > LARGEST[kind]:
                    raise AttachmentRefused(
                        f"'{name}' has {size / _MIB:.3g} MB. The model takes {_PLURAL[kind]} of up"
                        f" to {LARGEST[kind] / _MIB:g} MB."
                    )
                if kind == IMAGE:
                    upload.seek(0)
                    _check_pixels(name, upload)
    for kind, most in MOST.items():
        if count[kind] > most:
            raise AttachmentRefused(_too_many(count[kind], _PLURAL[kind], most))
    if total > MOST_BYTES:
        raise AttachmentRefused(
            f"These files have {total / _MIB:.3g} MB together. With one message the model takes up"
            f" to {MOST_BYTES / _MIB:g} MB."
        )


def _too_many(count: int, what: str, most: int) -> str:
    return f"These are {count} {what}. With one message the model takes up to {most}."


def _check_pixels(name: str, file: BinaryIO) -> None:
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - 5 MiB, only for images

    too_large = f"'{name}' is more than {MOST_PIXELS:,} pixels wide or high. The model takes no more."
    try:
        # Reads the header alone: nothing is decoded, however large it says that it is.
        with Image.open(file, formats=("PNG", "JPEG", "GIF", "WEBP")) as image:
            largest = max(image.size)
    except Image.DecompressionBombError as error:
        raise AttachmentRefused(too_large) from error
    except (UnidentifiedImageError, ValueError, SyntaxError) as error:
        raise AttachmentRefused(f"'{name}' cannot be attached: it is no whole image.") from error
    if largest > MOST_PIXELS:
        raise AttachmentRefused(too_large)


def _found(session: Session, file: File, uploads: Uploads) -> AbstractContextManager[BinaryIO]:
    with explained(session.id, "saved"):
        found = uploads.find(file.id)
    if found is None:
        name = f"'{file.name}'" if file.name else "A file of your message"
        raise AttachmentRefused(f"{name} did not arrive. Please choose it again.")
    return found
