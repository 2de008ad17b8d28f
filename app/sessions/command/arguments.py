"""What the command line takes."""

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from .exporting import export
from .importing import import_
from .listing import ls, show
from .purging import purge
from .verifying import verify

PROGRAM = f"python -m {__package__.rpartition('.')[0]}"
EXAMPLES = """\
examples:
  {prog} ls
  {prog} show 3fa0b1c2 | jq .value
  {prog} verify
  {prog} export > sessions.jsonl
  {prog} --root /mnt/other import < sessions.jsonl
  {prog} purge 3fa0b1c2
  {prog} purge --older-than 90 --yes

Works while the app runs. Prints JSON Lines. Exit code 1: a finding or a failure; 2: wrong usage.
"""
ID = "its public id, as the app's page and `ls` show it"


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return the arguments; `run` is what to call with them. Exits with 2 for wrong ones."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Look after the sessions on a volume.",
        epilog=EXAMPLES.format(prog=PROGRAM),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--root",
        type=Path,
        default=os.environ.get("SESSION_ROOT"),
        metavar="FOLDER",
        help="the volume (default: $SESSION_ROOT)",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], does: str) -> _Parser:
        found = commands.add_parser(name, help=does, description=f"{does.capitalize()}.")
        found.set_defaults(run=run)
        return found

    command("ls", ls, "list the sessions")
    command("show", show, "print the records of one session").add_argument("id", help=ID)
    checked = command("verify", verify, "check every record and every attachment")
    checked.add_argument("id", nargs="?", help=f"one session: {ID}")
    exported = command("export", export, "print sessions so that `import` can bring them back")
    exported.add_argument("id", nargs="?", help=f"one session: {ID}")
    command("import", import_, "make the sessions that an export on stdin holds")
    purged = command("purge", purge, "delete sessions, and all that was set aside of them; asks")
    purged.add_argument("id", nargs="*", help=ID)
    purged.add_argument(
        "--older-than", type=float, metavar="DAYS", help="those that nobody used for so long"
    )
    purged.add_argument("--yes", "-y", action="store_true", help="do not ask")

    arguments = parser.parse_args(argv)
    if not arguments.root:
        parser.error("which volume? Set SESSION_ROOT, or give --root FOLDER")
    if arguments.run is purge and bool(arguments.id) == (arguments.older_than is not None):
        parser.error("purge takes ids, or --older-than DAYS")
    if arguments.run is purge and arguments.older_than is not None and arguments.older_than <= 0:
        parser.error("--older-than takes a number of days greater than 0")
    return arguments


_Parser = argparse.ArgumentParser
