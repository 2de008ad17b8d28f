"""The store's own command line: data on stdout as JSON Lines, all else on stderr.

Exit code 0: all is well; 1: a finding or a failure; 2: wrong usage. Sessions are named by their
public ids; keys are nowhere on the volume. Only `export` prints whole file names, for `import`.
"""

import os
import sys
from collections.abc import Sequence

from ..errors import SessionError  # noqa: TID252 - the package knows no name but its own
from .arguments import parse
from .lines import note
from .peeking import words
from .problems import NotFound, Wrong


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    arguments = parse(argv)
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Wrong as error:
        note(f"error: {error}")
        return 2
    except (NotFound, SessionError) as error:
        note(f"error: {error}")
        return 1
    except OSError as error:
        note(f"error: {words(error)}")
        return 1
    return code
