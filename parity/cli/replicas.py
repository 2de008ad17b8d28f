"""What the cloud may do to a replica, at will."""

from __future__ import annotations

from typing import Annotated

import typer

from parity import console
from parity.cli.options import Which, replica
from parity.cluster.compose import Compose
from parity.project import read_settings
from parity.verbs import ps as listing

PANEL = "Do to a replica what the cloud may do to it"
app = typer.Typer()


@app.command(rich_help_panel=PANEL)
def kill(which: Which) -> None:
    """End replica N at once (SIGKILL); it stays dead."""
    Compose(read_settings()).kill(replica(which))


@app.command(rich_help_panel=PANEL)
def stop(which: Which) -> None:
    """End replica N in good order (SIGTERM, then its grace)."""
    Compose(read_settings()).stop(replica(which))


@app.command(rich_help_panel=PANEL)
def pause(which: Which) -> None:
    """Freeze replica N: connections stay open, nothing answers."""
    Compose(read_settings()).pause(replica(which))


@app.command(rich_help_panel=PANEL)
def cut(which: Which) -> None:
    """Take the network of replica N away while it runs on."""
    Compose(read_settings()).cut(replica(which))


@app.command(rich_help_panel=PANEL)
def start(which: Which) -> None:
    """Mend replica N, whatever was done to it; wait for health."""
    cluster = Compose(read_settings())
    cluster.start(replica(which))
    cluster.wait_healthy(only=replica(which))


@app.command(rich_help_panel=PANEL)
def scale(
    replicas: Annotated[str, typer.Argument(metavar="N", help="How many there shall be.")],
) -> None:
    """Make it N replicas, leaving those that stay as they are."""
    wanted = read_settings({"REPLICAS": replicas}).replicas
    cluster = Compose(read_settings())
    with console.step(f"Scale to {wanted}"):
        cluster.scale(wanted)
    console.table(listing.COLUMNS, listing.rows(cluster.replicas()))
