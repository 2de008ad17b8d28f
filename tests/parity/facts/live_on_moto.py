"""`parity check --live` on a stack that moto has: as the template says, and with changes by hand.

A program of its own, because what it plugs into moto stays there: prints what came of it as JSON.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import boto3
from moto import mock_aws

from parity.aws.account import Account
from parity.deploy.template import read_template
from parity.facts.check import check
from parity.facts.live import of_services
from parity.rehearsal.services import ecs, efs, runs
from parity.template.resolve import resolve
from tests.parity.facts.checkout import cloud_side, copied, local_side
from tests.parity.rehearsal.made_on_moto import DIGEST, IMAGE, REGION, make

if TYPE_CHECKING:
    from parity.facts.fact import Result


def verdicts(results: list[Result]) -> dict[str, str]:
    """Return the verdict of each fact."""
    return {each.fact.name: each.verdict for each in results}


def main() -> None:
    """Make the stack, look at it, change it behind CloudFormation's back, look again."""
    ecs.plug_in()
    efs.plug_in()
    template = read_template().parsed
    with tempfile.TemporaryDirectory() as folder:
        local = local_side(copied(Path(folder)))
    with mock_aws(), patch.object(runs, "launch", return_value=runs.Record(DIGEST)):
        account = Account(boto3.Session(region_name=REGION))
        resolved = resolve(template, IMAGE, region=REGION, stack_name="chat")
        ids = make(account, resolved)
        found = check(local, of_services(account, template, resolved, ids))
        elb = account.client("elbv2")
        elb.modify_target_group_attributes(
            TargetGroupArn=ids["TargetGroup"],
            Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "300"}],
        )
        elb.modify_load_balancer_attributes(
            LoadBalancerArn=ids["LoadBalancer"],
            Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "120"}],
        )
        changed = check(local, of_services(account, template, resolved, ids))
    document = {
        "template": verdicts(check(local, cloud_side())),
        "live": verdicts(found),
        "changed": verdicts(changed),
        "said": {each.fact.name: each.cloud_text for each in found},
        "where": str(changed[0].cloud.where),
    }
    print(json.dumps(document))  # noqa: T201 - read by the test


if __name__ == "__main__":
    main()
