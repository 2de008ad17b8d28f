"""What the cloud may do to a replica, at will."""

from __future__ import annotations

from typing import Annotated

import typer

from parity import console
from parity.cli.options import AsJson, Which, replica
from parity.cluster.compose import Compose
from parity.efs import replica_clients as clients
from parity.project import read_settings
from parity.verbs import efs as volume
from parity.verbs import ps as listing
from parity.verbs import targets as target_table
from parity.verbs.drain import drain as drain_replica

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
def drain(which: Which) -> None:
    """Deregister replica N: nothing new reaches it; what is open goes on.

    Returns when its deregistration delay is over; it runs on. parity start N
    registers it again.
    """
    cluster = Compose(read_settings())
    with console.step(f"Drain replica {which}") as step:
        drain_replica(cluster, replica(which), step.say)


@app.command(rich_help_panel=PANEL)
def targets(*, as_json: AsJson = False) -> None:
    """List the replicas as the load balancer sees them."""
    found = Compose(read_settings()).targets()
    if as_json:
        console.emit_json(target_table.documents(found))
    else:
        console.table(target_table.COLUMNS, target_table.rows(found))


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


@app.command(rich_help_panel=PANEL)
def efs(
    *,
    fault: Annotated[
        str | None,
        typer.Option(
            metavar="KIND=SECONDS", help="stall, eio, enospc, estale or read-only; ends by itself."
        ),
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="End all faults now.")] = False,
    name: Annotated[
        str | None, typer.Option("--replica", metavar="N", help="Only of this replica.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what each replica asks of the volume of `up --efs`, or break it for a while.

    Operations are round trips to the server by kind, as EFS would see them.
    """
    settings = read_settings()
    which = None if name is None else replica(name)
    mounts = clients.mounts(settings.project, Compose(settings).processes(which))
    if fault or clear:
        clients.break_or_mend(mounts, volume.parse_fault(fault) if fault else None)
    found = clients.read(mounts)
    if as_json:
        console.emit_json(volume.documents(found))
    else:
        console.table(volume.COLUMNS, volume.rows(found))
