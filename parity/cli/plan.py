"""The cloud on paper."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads annotations
from typing import Annotated

import typer

from parity.cli.options import CLOUD, AsJson
from parity.plan.choices import Architecture, Choices, Egress, ThroughputMode
from parity.plan.estimate import estimate
from parity.plan.figures import parse_assumptions, read_figures
from parity.verbs import plan as planning

PLAN_EXAMPLES = """\
[bold]Examples[/]

  parity plan                           a ladder from 10 to 100,000 users
  parity plan --users 2500              one number of users, line by line
  parity plan --users 10,100 --json     every figure and its source
  parity plan --prices prices.json      prices of your own, some or all
  parity plan --cloudfront --waf        with what the template can switch on
  parity plan --users 5000 --assume minutes_open=45 --assume max_tasks=40

[dim]FILE: {"as_of": "2026-12-01", "figures": {"nat_hour": 0.048}}[/]"""

app = typer.Typer()


@app.command(rich_help_panel=CLOUD, epilog=PLAN_EXAMPLES)
def plan(  # noqa: PLR0913 - one parameter an option
    *,
    users: Annotated[
        str | None,
        typer.Option(metavar="N[,N...]", help="Daily users.  [dim]default: 10 to 100,000[/]"),
    ] = None,
    assume: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=NUMBER", help="Another figure of the users or of the stack; repeatable."
        ),
    ] = None,
    profile: Annotated[
        Path | None, typer.Option(metavar="FILE", help="How your users behave, as JSON.")
    ] = None,
    prices: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Prices of your own, as JSON.")
    ] = None,
    architecture: Annotated[
        Architecture, typer.Option(help="The template's parameter of that name.")
    ] = Architecture.X86_64,
    egress: Annotated[
        Egress, typer.Option(metavar="WAY", help="NatGateway or VpcEndpoints.")
    ] = Egress.NAT_GATEWAY,
    throughput_mode: Annotated[
        ThroughputMode, typer.Option(help="EFS's throughput: by credits, or billed by use.")
    ] = ThroughputMode.ELASTIC,
    cloudfront: Annotated[bool, typer.Option("--cloudfront", help="CloudFront is on.")] = False,
    waf: Annotated[bool, typer.Option("--waf", help="Waf is on.")] = False,
    as_json: AsJson = False,
) -> None:
    """Estimate tasks, EFS, load balancer and cost for so many users.

    Rests on what `parity bench` measured, on dated list prices, and on a
    stated guess at how users behave. Asks nothing of AWS. What each figure
    is and where it comes from: --json. Where EFS ends: docs/scale.md.
    """
    numbers = planning.parse_users(users)
    figures = read_figures(prices=prices, profile=profile)
    figures = figures.assuming(parse_assumptions(assume or []))
    choices = Choices(architecture, egress, throughput_mode, cloudfront, waf)
    plans = [estimate(n, figures, choices) for n in numbers]
    planning.show(plans, figures, as_json=as_json)
