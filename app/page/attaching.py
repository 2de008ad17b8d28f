"""Put the files that came with a prompt on the volume as attachments, or say why not.

The limits are those of Bedrock's Converse API (app/model/attached.py): what the model could never
be shown is not taken in.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Protocol, cast

from app.model.attached import DOCUMENT, IMAGE, LARGEST, MOST, MOST_BYTES, MOST_PIXELS
from app.sessions import AttachmentRefused, converse_format
from app.sessions.explaining import explained
from app.sessions.media import HEAD, IMAGES, TYPES, recognise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.browser.outbox import File, Prompt
    from app.conversation import Attached
    from app.sessions import Session
    from app.shared_files import KeptFile

# What the input lets a user choose: endings of names, and whole MB. A media type among them makes
# Streamlit leave it to us to check a name, which it does not know (see UnreadUploads).
CHOICE = (*TYPES, "jpg", "htm", *IMAGES.values())
LARGEST_MB = 5
_MIB = 2**20
_PLURAL = {IMAGE: "images", DOCUMENT: "documents"}


class Uploads(Protocol):
    """Where uploaded files wait for their prompt."""

    def find(self, file_id: str) -> KeptFile | None:
        """Return one, open; None if there is none. Raises OSError."""

    def remove(self, file_id: str) -> None:
        """Remove one, if it is there. Raises OSError."""


def attach(session: Session, prompt: Prompt, uploads: Uploads) -> list[Attached]:
    """Attach a prompt's files durably; return what its record names.

    Raises AttachmentRefused, with one sentence for the user, and other SessionErrors; then it may
    be tried again, and what is attached already is not attached twice.
    """
    attachments: list[Attached] = []
    for file, pixels in zip(prompt.files, _checked(session, prompt.files, uploads), strict=True):
        with _found(session, file, uploads) as upload:
            kept = cast("Attached", session.attach(upload))
        attachments.append(kept | {"pixels": pixels} if pixels else kept)
    return attachments


def forget(prompt: Prompt, uploads: Uploads) -> None:
    """Remove the uploads of a prompt that is stored; what fails goes with the next sweep."""
    for file in prompt.files:
        try:
            uploads.remove(file.id)
        except OSError:
            return


def _checked(session: Session, files: Sequence[File], uploads: Uploads) -> list[list[int] | None]:
    """Refuse a prompt's files before any of them is stored; return width and height of images."""
    if len(files) > sum(MOST.values()):
        raise AttachmentRefused(_too_many(len(files), "files", sum(MOST.values())))
    count = dict.fromkeys(MOST, 0)
    total = 0
    pixels: list[list[int] | None] = []
    for file in files:
        with _found(session, file, uploads) as upload:
            name, size = upload.name, upload.size
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
                upload.seek(0)
                pixels.append(_pixels(name, upload) if kind == IMAGE else None)
    for kind, most in MOST.items():
        if count[kind] > most:
            raise AttachmentRefused(_too_many(count[kind], _PLURAL[kind], most))
    if total > MOST_BYTES:
        raise AttachmentRefused(
            f"These files have {total / _MIB:.3g} MB together. With one message the model takes up"
            f" to {MOST_BYTES / _MIB:g} MB."
        )
    return pixels


def _too_many(count: int, what: str, most: int) -> str:
    return f"These are {count} {what}. With one message the model takes up to {most}."


def _pixels(name: str, file: KeptFile) -> list[int]:
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - 5 MiB, only for images

    too_large = (
        f"'{name}' is more than {MOST_PIXELS:,} pixels wide or high. The model takes no more."
    )
    try:
        # Reads the header alone: nothing is decoded, however large it says that it is.
        with Image.open(cast("IO[bytes]", file), formats=("PNG", "JPEG", "GIF", "WEBP")) as image:
            pixels = [*image.size]
    except Image.DecompressionBombError as error:
        raise AttachmentRefused(too_large) from error
    except (UnidentifiedImageError, ValueError, SyntaxError) as error:
        raise AttachmentRefused(f"'{name}' cannot be attached: it is no whole image.") from error
    if min(pixels) < 1:
        raise AttachmentRefused(f"'{name}' cannot be attached: it is no whole image.")
    if max(pixels) > MOST_PIXELS:
        raise AttachmentRefused(too_large)
    return pixels


def _found(session: Session, file: File, uploads: Uploads) -> KeptFile:
    with explained(session.id, "saved"):
        found = uploads.find(file.id)
    if found is None:
        name = f"'{file.name}'" if file.name else "A file of your message"
        raise AttachmentRefused(f"{name} did not arrive. Please choose it again.")
    return found
