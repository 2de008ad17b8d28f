"""What commands of several panels take."""

from __future__ import annotations

from typing import Annotated

import typer

CLOUD = "The cloud"
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Which = Annotated[
    str, typer.Argument(metavar="N", help="Its number, or its host name as the chat shows it.")
]


def replica(text: str) -> int | str:
    """Return a replica's number; host names have 12 digits, so a short number is a number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else text  # noqa: PLR2004
