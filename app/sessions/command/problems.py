"""What ends a command; `main` turns it into a sentence and an exit code."""
# ruff: noqa: N818 - as in the package's own errors


class Wrong(Exception):
    """The command was called with a value it cannot take; exit code 2."""


class NotFound(Exception):
    """What was named is not there, or is not what it should be; exit code 1."""
