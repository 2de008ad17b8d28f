"""The one family of errors that the command line turns into a message and an exit code."""

from __future__ import annotations


class ParityError(Exception):
    """Something went wrong that the user can mend; exit code 1.

    what: one sentence that quotes the wrong value. hint: the next command to type, or the next
    thing to do. detail: output of the failed program, shown above the message.
    """

    def __init__(self, what: str, *, hint: str = "", detail: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint
        self.detail = detail


class UsageError(ParityError):
    """The command was called with a value it cannot take; exit code 2."""
