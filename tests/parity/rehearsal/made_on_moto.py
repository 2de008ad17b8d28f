"""Every stack of the rehearsal without CloudFormation: its providers make it, its readers read it.

A program of its own, because what it plugs into moto stays there: prints what came of it as JSON.
"""

from __future__ import annotations

import json
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING
from unittest.mock import patch

import boto3
from moto import mock_aws

from parity.aws.account import Account
from parity.deploy.prefix_list import with_prefix_list
from parity.deploy.template import read_template
from parity.rehearsal import known_gaps
from parity.rehearsal.read_back import Reading, _ReadBack
from parity.rehearsal.rehearse import unproven
from parity.rehearsal.services import ecs, efs, runs
from parity.rehearsal.stacks.provider import Request
from parity.rehearsal.stacks.server import PROVIDERS, _placeholder
from parity.rehearsal.variants import VARIANTS
from parity.template.resolve import resolve
from parity.template.values import references

if TYPE_CHECKING:
    from parity.template.values import Resolved

REGION, DIGEST = "us-east-1", "sha256:" + "a" * 64
IMAGE = {"ImageUri": f"123456789012.dkr.ecr.{REGION}.amazonaws.com/chat@{DIGEST}", "Receipt": "r"}


def make(account: Account, resolved: Resolved) -> dict[str, str]:
    """Make each resource after those that it needs; return their physical ids by logical id."""
    needs = {
        name: {*resource.depends_on, *(each.logical_id for each in references(resource.properties))}
        for name, resource in resolved.resources.items()
    }
    ids: dict[str, str] = {}
    for name in TopologicalSorter(needs).static_order():
        if name in resolved.resources:
            resource = resolved.resources[name]
            provider = PROVIDERS.get(resource.type) or _placeholder()
            properties = _ReadBack(account, ids, resolved).filled(resource.properties)
            ids[name] = provider.create(Request(name, properties, resolved.stack_name)).identifier
    return ids


def made(account: Account, resolved: Resolved) -> list[Reading]:
    """Make every resource, and read them all back."""
    ids = make(account, resolved)
    reading = _ReadBack(account, ids, resolved)
    return [reading.read(resource) for resource in resolved.resources.values()]


def main() -> None:
    """Make the stack with the template's defaults, and each variant."""
    ecs.plug_in()
    efs.plug_in()
    template = read_template()
    readings: list[Reading] = []
    record = runs.Record(DIGEST)
    with mock_aws(), patch.object(runs, "launch", return_value=record):
        account = Account(boto3.Session(region_name=REGION))
        for number, make in enumerate((lambda _: {}, *(each.make for each in VARIANTS))):
            given = with_prefix_list(account, template, {**IMAGE, **make(account)}, {})
            resolved = resolve(template.parsed, given, region=REGION, stack_name=f"chat-{number}")
            readings += made(account, resolved)
    gaps = unproven(template, readings, ())
    document = {
        "missing": [f"{each.logical_id}: {each.trouble}" for each in readings if each.missing],
        "different": [
            f"{reading.logical_id}.{field.path}"
            for reading in readings
            for field in reading.differences
        ],
        "unknown": known_gaps.unknown(readings),
        "closed": [vars(each) for each in known_gaps.closed(readings)],
        "open": sorted({(each.logical_id, path) for each in readings for path in each.gaps}),
        "never made": [gap.property for gap in gaps if gap.why == "made in no scenario"],
    }
    print(json.dumps(document))  # noqa: T201 - read by the test


if __name__ == "__main__":
    main()
