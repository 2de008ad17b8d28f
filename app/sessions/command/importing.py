"""`import`: sessions from an export; see exporting.py for its lines.

A session appears with its end, whole, or not at all; what is on the volume already is never
written to. An imported session counts as used now.
"""
# ruff: noqa: TID252 - the package knows no name but its own

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from ..errors import NotJson
from .incoming import Exists, Incoming
from .lines import emit, note
from .problems import NotFound

Lines = Iterator[tuple[int, dict[str, Any]]]


def import_(arguments: argparse.Namespace) -> int:
    """Make the sessions of an export; return 1 if any was there already."""
    if not arguments.root.is_dir():
        raise NotFound(f"'{arguments.root}' is no folder; mount the volume there")
    refused, lines = 0, _lines()
    for number, line in lines:
        try:
            incoming = Incoming(arguments.root, line)
        except Exists as error:
            note(str(error))
            refused += 1
            for _, line_of_it in lines:
                if "end" in line_of_it:
                    break
            continue
        except (KeyError, TypeError, ValueError) as error:
            raise NotFound(f"line {number} begins no session of an export") from error
        with incoming:
            refused += not _take(incoming, lines)
    return 1 if refused else 0


def _take(incoming: Incoming, lines: Lines) -> bool:
    """Take in the lines of one session; return whether it was made."""
    for number, line in lines:
        try:
            if not incoming.take(line):
                continue
            emit(incoming.finish(line))
        except (KeyError, TypeError, ValueError, NotJson) as error:
            raise NotFound(
                f"line {number} does not fit into session {incoming.id}, which was left out"
            ) from error
        except Exists as error:
            note(str(error))
            return False
        return True
    raise NotFound(f"the export ends within session {incoming.id}, which was left out")


def _lines() -> Lines:
    for number, text in enumerate(sys.stdin.buffer, 1):
        try:
            line = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise NotFound(f"line {number} is no JSON") from error
        if not isinstance(line, dict):
            raise NotFound(f"line {number} is none of an export")
        yield number, line
