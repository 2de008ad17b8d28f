"""The stack on this machine."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from parity import console
from parity.adopt import service as adoption
from parity.cli.options import AsJson, replica
from parity.cluster.compose import Compose
from parity.efs import service as efs_service
from parity.errors import UsageError
from parity.from_template import service as template_service
from parity.https import service as https_service
from parity.project import read_settings
from parity.verbs import plan_template as planning
from parity.verbs import ps as listing
from parity.verbs.down import take_down
from parity.verbs.logs import show_logs
from parity.verbs.open_browser import open_page
from parity.verbs.session_logs import show_session
from parity.verbs.sessions import run_sessions
from parity.verbs.up import bring_up

if TYPE_CHECKING:
    from collections.abc import Mapping

PANEL = "The stack"
SESSIONS_EXAMPLES = """\
[bold]Examples[/]

  parity sessions ls
  parity sessions show 3fa0b1c2 | jq -c .value
  parity sessions verify
  parity sessions export > sessions.jsonl
  parity sessions import < sessions.jsonl
  parity sessions purge 3fa0b1c2
  parity sessions purge --older-than 90 --yes
  parity sessions purge --help"""
UP_EXAMPLES = """\
[bold]Examples[/]

  parity up --efs --replicas 5
  parity up --from-template                   infra/template.yml, as containers
  parity up --from-template -p MinTasks=3 -p TaskSize=0.25-vCPU-1-GB
  parity up --from-template my/template.json
  parity up                                   compose.yaml again; sessions are kept"""
ADOPT_EXAMPLES = """\
[bold]Examples[/]

  parity adopt ./my-app                    a folder with streamlit_app.py or app.py
  parity adopt ./my-app --entry src/ui.py
  parity adopt my-company/chat:2 --port 8080
  parity test --app                        what survives in it, and what is lost
  parity adopt --remove"""
# What a stack is started with, whichever app it runs.
Replicas = Annotated[
    str | None, typer.Option(metavar="N", help="How many replicas.  [dim]REPLICAS[/]")
]
Sticky = Annotated[
    bool | None,
    typer.Option("--sticky/--no-sticky", help="Stickiness by cookie, or plain round robin."),
]
OnEfs = Annotated[
    bool, typer.Option("--efs", help="The volume as EFS behaves; needs Linux and root.")
]
app = typer.Typer()


@app.command(rich_help_panel=PANEL, epilog=UP_EXAMPLES)
def up(  # noqa: PLR0913 - each is an option
    template: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="With --from-template: else infra/template.yml."),
    ] = None,
    *,
    replicas: Replicas = None,
    sticky: Sticky = None,
    port: Annotated[
        str | None, typer.Option(metavar="PORT", help="Port on this machine.  [dim]PORT[/]")
    ] = None,
    efs: OnEfs = False,
    https: Annotated[
        bool, typer.Option("--https", help="nginx speaks HTTPS.  [dim]HTTPS_PORT[/]")
    ] = False,
    from_template: Annotated[
        bool,
        typer.Option("--from-template", help="Run the task of a CloudFormation template."),
    ] = False,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter", "-p", metavar="NAME=VALUE", help="Of the template; repeatable."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring the stack up, from a bare machine if need be; print its URL.

    Changes only what differs from the options, the environment and .env. Without
    --efs, the volume is a plain folder again; the sessions are the same. Without
    --https, it is HTTP again; with it, HTTP only leads to HTTPS, and the
    certificate is by an authority of the stack's own, to be trusted once.
    A host where Docker with Compose v2 runs is left as it is; where there
    is none, it is installed on Debian and Ubuntu, as root.

    With --from-template, the tasks are what the template's task definition says,
    behind a load balancer as its target group and listener say; one task is tried
    before the stack changes. What differs is printed, each with its reason.
    """
    _check_template_options(
        wanted=from_template,
        needing={"FILE": template, "--parameter": parameter},
        excluded={"--replicas": replicas, "--sticky or --no-sticky": sticky},
    )
    settings = read_settings(_given(REPLICAS=replicas, STICKINESS=_stickiness(sticky), PORT=port))
    settings = efs_service.wanted(settings) if efs else settings
    settings = https_service.wanted(settings) if https else settings
    planned = None
    if from_template:
        planned = planning.plan(settings, template, parameter or [])
        settings = planned.settings
        if not as_json:
            planning.show(planned)
    images = bring_up(settings, planned)
    replicas_now = Compose(settings).replicas()
    if as_json:
        console.emit_json(
            {
                "url": settings.url,
                "authority": str(https_service.authority(settings)) if settings.https else None,
                "base_images": {"python": images.python, "nginx": images.nginx},
                "template": planning.document(planned) if planned else None,
                "replicas": listing.documents(replicas_now),
            }
        )
        return
    console.table(listing.COLUMNS, listing.rows(replicas_now))
    if settings.https:
        console.note(https_service.how_to_trust(settings))
    console.out.print(settings.url)


def _check_template_options(
    *, wanted: bool, needing: Mapping[str, object], excluded: Mapping[str, object]
) -> None:
    """Refuse what has no meaning without a template, or beside one."""
    wrong = excluded if wanted else needing
    given = next((name for name, value in wrong.items() if value is not None), None)
    if given and wanted:
        raise UsageError(
            f"{given} cannot go with --from-template, where the template says it",
            hint="parity up --from-template --parameter MinTasks=3; then parity scale N",
        )
    if given:
        raise UsageError(
            f"{given} goes with --from-template only",
            hint="parity up --from-template --parameter MinTasks=3",
        )


@app.command(rich_help_panel=PANEL, epilog=ADOPT_EXAMPLES)
def adopt(  # noqa: PLR0913 - each is an option
    source: Annotated[
        str, typer.Argument(metavar="[PATH|IMAGE]", help="The app's folder, or its image.")
    ] = "",
    *,
    entry: Annotated[
        str | None, typer.Option(metavar="FILE", help="What `streamlit run` is given.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(metavar="PORT", min=1, max=65535, help="Where the app itself listens."),
    ] = None,
    health_path: Annotated[str, typer.Option(metavar="PATH", help="Where it says how it is.")] = "",
    dockerfile: Annotated[
        bool, typer.Option("--dockerfile/--no-dockerfile", help="Use the folder's own Dockerfile.")
    ] = True,
    env: Annotated[
        list[str] | None,
        typer.Option("--env", "-e", metavar="NAME=VALUE", help="For the app; repeatable."),
    ] = None,
    replicas: Replicas = None,
    sticky: Sticky = None,
    efs: OnEfs = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="Take the adopted app away again, with its stack.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run an app of yours in the stack, in place of the kit's chatbot; print its URL.

    The same load balancer, limits, shared volume (/mnt/data) and Bedrock stand-in.
    Nothing is written into its folder. `parity test --app` then says what survives;
    `parity up` brings the kit's own chatbot back.
    """
    from parity.verbs import adopt as adopting  # noqa: PLC0415 - only here, and it reads YAML

    if remove == bool(source):
        raise UsageError(
            "either an app to adopt or --remove",
            hint="parity adopt ./my-app; parity adopt --remove",
        )
    if remove:
        if kept := adopting.give_back(read_settings()):
            console.note(f"What the app kept stays: {kept}")
        return
    settings = read_settings(_given(REPLICAS=replicas, STICKINESS=_stickiness(sticky)))
    settings = efs_service.wanted(settings) if efs else settings
    wishes = adopting.Wishes(entry, port, health_path, dockerfile, adopting.parse_environment(env))
    adopted = adopting.adopt(settings, source, wishes)
    replicas_now = Compose(settings).replicas()
    if as_json:
        console.emit_json(
            {
                "url": settings.url,
                # What the app is given may be secret.
                "app": vars(adopted.record) | {"environment": sorted(adopted.record.environment)},
                "notes": adopted.notes,
                "replicas": listing.documents(replicas_now),
            }
        )
        return
    console.table(listing.COLUMNS, listing.rows(replicas_now))
    for text in adopted.notes:
        console.note(f"Note: {text}")
    console.note("What survives in it: parity test --app")
    console.out.print(settings.url)


@app.command(rich_help_panel=PANEL)
def down(
    *,
    volumes: Annotated[
        bool, typer.Option("--volumes", help="Delete sessions and authority, too; asks first.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    keep_images: Annotated[
        bool, typer.Option("--keep-images", help="Keep the images, for a quick next `up`.")
    ] = False,
    keep_engine: Annotated[
        bool, typer.Option("--keep-engine", help="Let Docker Engine run on.")
    ] = False,
) -> None:
    """Remove what `up` made, but for the sessions.

    Goes: containers, networks, images, and the engine, if the kit started it.
    Stays: the sessions, the certificate authority of --https (but see --volumes);
    what other stacks use, be it a stand-in base image or the engine; the build
    cache of an engine that the kit did not start (docker builder prune); packages
    that were installed.
    """
    settings = adoption.as_running(read_settings())
    if volumes and not yes and settings.data.exists():
        typer.confirm(f"Delete every session in {settings.data}?", abort=True, err=True)
    take_down(settings, volumes=volumes, keep_images=keep_images, keep_engine=keep_engine)


@app.command(rich_help_panel=PANEL)
def ps(*, as_json: AsJson = False) -> None:
    """List the replicas; sessions are those served since the start."""
    settings = read_settings()
    replicas = Compose(settings).replicas()
    if as_json:
        console.emit_json(listing.documents(replicas))
    elif replicas:
        console.table(listing.COLUMNS, listing.rows(replicas))
        if efs_service.is_on(settings.project):
            console.note("The volume has EFS semantics: parity efs")
        if template_service.is_on(settings.project):
            console.note(f"The tasks are those of {template_service.origin(settings.project)}")
    else:
        console.note("no replicas; bring them up: scripts/up")


@app.command(rich_help_panel=PANEL)
def logs(
    which: Annotated[
        str | None, typer.Argument(metavar="[N]", help="One replica; else every service.")
    ] = None,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as they grow.")] = False,
    tail: Annotated[
        int | None, typer.Option(metavar="LINES", min=0, help="Only the last lines of each.")
    ] = None,
    session: Annotated[
        str | None, typer.Option(metavar="ID", help="One conversation, across all replicas.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --session: JSON lines as they were written.")
    ] = False,
) -> None:
    """Show the logs of the stack, of one replica, or of one conversation.

    A conversation goes by the id that its page shows. What each line means:
    docs/logs.md.
    """
    named = None if which is None else replica(which)
    if session is not None:
        show_session(read_settings(), session, named, follow=follow, tail=tail, as_json=as_json)
        return
    if as_json:
        raise UsageError("--json needs --session", hint="parity logs --session ID --json")
    raise typer.Exit(show_logs(read_settings(), named, follow=follow, tail=tail))


@app.command(name="open", rich_help_panel=PANEL)
def open_() -> None:
    """Open the chat in a browser; prints its URL."""
    url = Compose(read_settings()).url()
    console.out.print(url)
    if not open_page(url):
        console.note("no display here: open the URL above in a browser")


@app.command(
    rich_help_panel=PANEL,
    epilog=SESSIONS_EXAMPLES,
    no_args_is_help=True,
    context_settings={"allow_interspersed_args": False},
)
def sessions(
    command: Annotated[str, typer.Argument(help="ls, show, verify, export, import or purge.")],
    arguments: Annotated[list[str] | None, typer.Argument(help="What that command takes.")] = None,
) -> None:
    """Look after the sessions on the volume, while the stack runs or not.

    It is `python -m app.sessions` in the app's own image. JSON Lines on
    stdout; sessions go by their public ids. Exit code 1: a finding.
    """
    raise typer.Exit(run_sessions(read_settings(), [command, *(arguments or [])]))


def _given(**options: str | None) -> dict[str, str]:
    """Return the options that were given, by the settings' names."""
    return {name: value for name, value in options.items() if value is not None}


def _stickiness(sticky: bool | None) -> str | None:  # noqa: FBT001 - an option's value
    return None if sticky is None else "on" if sticky else "off"
