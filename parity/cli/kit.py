"""`parity` itself: its help, its own options, and the one place where errors end."""

from __future__ import annotations

import errno
from importlib.metadata import version as installed_version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from parity import console
from parity.errors import ParityError, UsageError
from parity.host.signals import end_in_good_order_on_sigterm

EXAMPLES = """\
[bold]Examples[/]

  scripts/up                             from a bare machine to a running chat
  parity up --replicas 5 --no-sticky     five replicas, plain round robin
  parity up --efs                        the shared volume as EFS behaves, caches and all
  parity up --from-template              the task of infra/template.yml, run here
  parity kill 2                          kill -9; see the chat go on elsewhere
  parity start 2                         mend it
  parity drain 1; parity targets         take it out of the load balancer, and see
  parity ps --json | jq '.[].memory'     every table is JSON, too
  parity check                           is local like the cloud? no Docker
  parity test --fast                     lint, types, unit tests; no Docker
  scripts/down --volumes                 remove it all, the sessions too

  parity deploy --dry-run                what would change in the cloud
  parity deploy                          the image that passed scripts/test
  parity status                          who runs what there, and whether it drifted
  parity rollback                        back to the image before

[dim].env holds the defaults; the environment wins over it, options over both.[/]"""

INTERRUPTED = 130


class Kit(TyperGroup):
    """The one place where errors become messages and exit codes."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - Typer keeps its context's class private
        """Run the command; 1 for a finding or failure, 2 for wrong usage, 130 for Ctrl-C."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            console.note("interrupted")
            raise typer.Exit(INTERRUPTED) from None
        except (typer.Exit, typer.Abort, typer.TyperException):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise
            if ctx.params.get("verbose"):
                console.err.print_exception()
            known = error if isinstance(error, ParityError) else _unexpected(error)
            console.failure(known)
            raise typer.Exit(2 if isinstance(error, UsageError) else 1) from error


def _unexpected(error: Exception) -> ParityError:
    return ParityError(
        f"unexpected {type(error).__name__}: {error}",
        hint="the same with `parity --verbose`, which shows where it happened",
    )


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - Typer calls it so
    if wanted:
        console.out.print(f"parity {installed_version('parity-kit')}")
        raise typer.Exit


app = typer.Typer(
    cls=Kit,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def parity(
    *,
    verbose: Annotated[  # noqa: ARG001 - read where errors are printed
        bool, typer.Option("--verbose", help="Show the traceback of an error.")
    ] = False,
    version: Annotated[  # noqa: ARG001 - acts by its callback
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Local-to-cloud parity for stateful Streamlit chatbots."""
    end_in_good_order_on_sigterm()
