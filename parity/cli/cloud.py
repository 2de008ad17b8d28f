"""The cloud itself.

Each command imports its verb when it is called: boto3 takes longer to import than all the rest.
"""

from __future__ import annotations

from typing import Annotated

import typer

from parity import console
from parity.cli.options import CLOUD, AsJson
from parity.errors import UsageError
from parity.project import DEFAULT_STACK, read_settings
from parity.verbs.on_stack import ask, asker

DEPLOY_EXAMPLES = """\
[bold]Examples[/]

  parity deploy --rehearse                    on emulators; needs no account
  parity deploy --dry-run
  AWS_PROFILE=work AWS_REGION=eu-central-1 parity deploy --stack chat-staging
  parity deploy -p MaxTasks=20 -p TaskSize=0.5-vCPU-1-GB
  parity deploy --receipt 20261123-204755-3b6fa46 --stack chat-production --yes"""
ROLLBACK_EXAMPLES = """\
[bold]Examples[/]

  parity rollback                             to the receipt that was live before
  parity rollback 20261123-204755-3b6fa46     to this one"""
STATUS_EXAMPLES = """\
[bold]Examples[/]

  parity status
  parity status --json | jq '.tasks[].zone'"""
DESTROY_EXAMPLES = """\
[bold]Examples[/]

  parity destroy --stack chat-staging         asks for the name to be typed
  parity destroy --stack chat-staging --yes   for a script"""

app = typer.Typer()
Stack = Annotated[str, typer.Option("--stack", metavar="NAME", help="The CloudFormation stack.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the change; change nothing.")]
Smoke = Annotated[
    bool, typer.Option("--smoke/--no-smoke", help="Try the chat in a browser afterwards.")
]


@app.command(name="deploy", rich_help_panel=CLOUD, epilog=DEPLOY_EXAMPLES)
def deploy_(  # noqa: PLR0913 - each is an option
    *,
    stack: Stack = DEFAULT_STACK,
    receipt: Annotated[
        str | None, typer.Option(metavar="ID", help="Ship this receipt's image; else the newest.")
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter", "-p", metavar="NAME=VALUE", help="Of the template; repeatable."
        ),
    ] = None,
    untested: Annotated[
        bool, typer.Option("--untested", help="Without a green receipt; that is recorded.")
    ] = False,
    dry_run: DryRun = False,
    smoke: Smoke = True,
    stack_role: Annotated[
        str,
        typer.Option(
            metavar="ARN", help="Role that CloudFormation takes; it keeps it. Else yours."
        ),
    ] = "",
    yes: Yes = False,
    rehearse: Annotated[
        bool,
        typer.Option("--rehearse", help="All of it on emulators and this engine; no account."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --rehearse: print JSON.")] = False,
) -> None:
    """Ship the image that passed `scripts/test` to Fargate; print the URL.

    Checks everything first, pushes the image to ECR, shows the CloudFormation change set, asks,
    changes, waits, and proves that every task runs the tested image. Does no more than is needed:
    nothing at all, if nothing has changed. After Ctrl-C, the same command goes on.
    """
    from parity.verbs.deploy import Options, deploy  # noqa: PLC0415
    from parity.verbs.rehearse import run_rehearsal  # noqa: PLC0415

    if rehearse:
        raise typer.Exit(0 if run_rehearsal(read_settings(), as_json=as_json) else 1)
    if as_json:
        raise UsageError("--json goes with --rehearse only", hint="parity deploy --rehearse --json")
    options = Options(
        stack=stack,
        receipt_id=receipt,
        parameters=parameter or [],
        untested=untested,
        dry_run=dry_run,
        smoke=smoke,
        stack_role=stack_role,
    )
    if url := deploy(read_settings(), options, asker(yes=yes)):
        console.out.print(url)


@app.command(name="rollback", rich_help_panel=CLOUD, epilog=ROLLBACK_EXAMPLES)
def rollback_(
    receipt: Annotated[
        str | None, typer.Argument(metavar="[RECEIPT]", help="Its id; else the one before.")
    ] = None,
    *,
    stack: Stack = DEFAULT_STACK,
    dry_run: DryRun = False,
    smoke: Smoke = True,
    yes: Yes = False,
) -> None:
    """Go back to an image that was live before, through CloudFormation; print the URL.

    Template and parameters stay as they are. Twice in a row leads back to where it began.
    """
    from parity.verbs.rollback import rollback  # noqa: PLC0415

    if url := rollback(stack, receipt, asker(yes=yes), dry_run=dry_run, smoke=smoke):
        console.out.print(url)


@app.command(rich_help_panel=CLOUD, epilog=STATUS_EXAMPLES)
def status(*, stack: Stack = DEFAULT_STACK, as_json: AsJson = False) -> None:
    """Show stack, service, tasks, receipts, and drift; exit code 1: something has drifted."""
    from parity.verbs import status as cloud_status  # noqa: PLC0415

    found = cloud_status.read_status(stack)
    if as_json:
        console.emit_json(cloud_status.document(found))
    else:
        cloud_status.show(found)
    raise typer.Exit(0 if found.as_it_should_be else 1)


@app.command(name="destroy", rich_help_panel=CLOUD, epilog=DESTROY_EXAMPLES)
def destroy_(*, stack: Stack = DEFAULT_STACK, yes: Yes = False) -> None:
    """Delete the stack; says first what goes and what is retained, and asks for its name."""
    from parity.verbs.destroy import destroy  # noqa: PLC0415

    destroy(stack, (lambda: stack) if yes else lambda: ask(f"Type '{stack}' to delete it:"))
