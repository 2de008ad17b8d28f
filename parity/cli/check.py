"""Parity itself: the local stack against the cloud template."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads annotations
from typing import Annotated

import typer

from parity.cli.options import AsJson  # noqa: TC001 - Typer reads annotations
from parity.cli.proof import PANEL
from parity.errors import UsageError
from parity.facts.sides import TEMPLATE, Choices
from parity.project import DEFAULT_STACK
from parity.verbs import check as checking

CHECK_EXAMPLES = """\
[bold]Examples[/]

  parity check                          the files; no Docker, no account
  parity check --running                the image and the containers, too
  parity check --live --stack NAME      what is deployed, by AWS's own APIs
  parity check --explain idle-timeout   why it matters, where it is read
  parity check --fix | git apply        make the local side agree
  parity check -p MaxTasks=2            before you deploy with that
  parity check --format github          annotations; or sarif
  parity check --parameters https --compose compose.yaml \\
               --compose compose.https.yaml"""

app = typer.Typer()


@app.command(rich_help_panel=PANEL, epilog=CHECK_EXAMPLES)
def check(  # noqa: PLR0913 - each is an option
    *,
    compose: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Compose file; repeat it for overrides."),
    ] = None,
    service: Annotated[
        str, typer.Option(metavar="NAME", help="The service that the cloud runs.")
    ] = "app",
    template: Annotated[
        Path, typer.Option(metavar="FILE", help="CloudFormation, YAML or JSON.", show_default=False)
    ] = TEMPLATE,
    parameters: Annotated[
        str,
        typer.Option(
            metavar="FILE|SET",
            help="A file of parameters, or https, sign-in, cloudfront, existing-vpc.",
        ),
    ] = "",
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="One more; repeatable."),
    ] = None,
    running: Annotated[
        bool, typer.Option("--running", help="Ask the built image and the containers.")
    ] = False,
    live: Annotated[
        bool, typer.Option("--live", help="Ask the deployed stack's services, not the template.")
    ] = False,
    stack: Annotated[
        str, typer.Option("--stack", metavar="NAME", help="With --live: which.")
    ] = DEFAULT_STACK,
    explain: Annotated[
        str, typer.Option(metavar="FACT", help="All that there is to say of one fact.")
    ] = "",
    fix: Annotated[
        bool, typer.Option("--fix", help="Print the edit of the local side, as a diff.")
    ] = False,
    form: Annotated[
        checking.Format, typer.Option("--format", help="How to print the result.")
    ] = checking.Format.TABLE,
    as_json: AsJson = False,
) -> None:
    """Compare the local stack with its cloud template; exit code 1: they differ.

    Every fact that must agree is read on both sides: from compose.yaml, the
    Dockerfile, nginx and the app's files, and from the template with its
    parameters put in. A difference that is meant has its reason. What each
    fact is and why it matters: --explain, or docs/parity-check.md.
    """
    given = template != TEMPLATE or bool(parameters) or bool(parameter)
    if live and given:
        raise UsageError(
            "--live reads template and parameters from the stack",
            hint=f"parity check --live --stack {stack}",
        )
    if explain:
        checking.checked_fact(explain)
    results = checking.run_check(
        Choices(
            compose=tuple(compose or ()),
            service=service,
            template=template,
            parameters=parameters,
            pairs=tuple(parameter or ()),
            running=running,
            stack=stack if live else "",
        )
    )
    if explain:
        checking.explain(explain, results)
        return
    if fix:
        raise typer.Exit(0 if checking.show_fix(results) else 1)
    form = checking.Format.JSON if as_json else form
    raise typer.Exit(0 if checking.show(results, form) else 1)
