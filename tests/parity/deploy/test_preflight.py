"""Everything that can be known to fail is found before anything is changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from parity.aws.account import Account, Identity
from parity.deploy import models, preflight, quotas
from parity.deploy.image import LocalImage
from parity.deploy.preflight import Case
from parity.deploy.stack_state import StackState
from parity.deploy.template import parse_template, read_template
from parity.errors import ParityError
from parity.template.rules.table import RULES
from tests.parity.deploy.cloud import CONFIG, STACK, TEMPLATE, receipt

if TYPE_CHECKING:
    from parity.deploy.finding import Finding

IMAGE = LocalImage(CONFIG, CONFIG, "amd64", "abcdef0")
GOOD_CASE: dict[str, Any] = {
    "identity": Identity("123456789012", "arn:aws:iam::123456789012:user/me"),
    "state": StackState(STACK),
    "receipt": receipt(),
    "given": {},
    "checkout": receipt().git_revision,
    "find_local": lambda: IMAGE,
    "rules": (),
}


def examined(account: Account, **changes: object) -> dict[str, Finding]:
    """Return the findings by name."""
    given = {**GOOD_CASE, "template": parse_template(TEMPLATE), **changes}
    return {finding.name: finding for finding in preflight.examine(Case(account=account, **given))}


def failed(account: Account, **changes: object) -> list[Finding]:
    """Return what stands in the way."""
    return [finding for finding in examined(account, **changes).values() if not finding.ok]


def test_good_case_passes(account: Account) -> None:
    """And each thing that was looked at has its row."""
    found = examined(account)
    assert [each for each in found.values() if not each.ok] == []
    assert {"identity", "region", "receipt", "architecture", "image", "template", "stack"} <= {
        *found
    }
    preflight.require([*found.values()])


@pytest.fixture
def unknown_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be known of model access: moto's Bedrock cannot be asked."""
    monkeypatch.setattr(models, "_problem", lambda *_: None)


@pytest.mark.usefixtures("unknown_models")
def test_real_template_passes_every_check(account: Account) -> None:
    """The kit's own, with its defaults, by every rule, and small enough to be sent."""
    assert failed(account, template=read_template(), rules=RULES) == []


@pytest.mark.usefixtures("unknown_models")
def test_template_that_breaks_a_rule_is_refused(account: Account) -> None:
    """What linters miss, such as a wrong container port."""
    body = read_template().body.replace("ContainerPort: 8501", "ContainerPort: 8502")
    (found,) = failed(account, template=parse_template(body), rules=RULES)[-1:]
    assert found.name == "template"
    assert "8502" in found.what


@pytest.mark.usefixtures("unknown_models")
def test_parameter_that_the_template_refuses(account: Account) -> None:
    """Before CloudFormation does: the value is quoted, and what would be right."""
    (found,) = failed(account, template=read_template(), given={"MinTasks": "none"})[-1:]
    assert (found.name, "none" in found.what) == ("template", True)
    (found,) = failed(account, given={"Nope": "1"})
    assert "no parameter 'Nope'" in found.what
    assert "MaxTasks" in found.hint


@pytest.mark.usefixtures("unknown_models")
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"AllowedCidr": "999.1.1.1/99"}, "999.1.1.1/99; should be a range such as"),
        ({"AllowedCidr": "203.0.113.7/24"}, "203.0.113.7/32 for one"),
        ({"MinTasks": "3", "BusinessHoursMinTasks": "2"}, "2; should be MinTasks, 3, or more"),
        ({"MinTasks": "3", "MaxTasks": "2"}, "2; should be at least MinCapacity, 3"),
        ({"OidcTokenEndpoint": "https://idp.example.com/token"}, "need OidcIssuer"),
        ({"PermissionsBoundaryArn": "boundary"}, "PermissionsBoundaryArn='boundary' is not"),
    ],
    ids=str,
)
def test_parameters_that_cannot_be_are_refused(
    account: Account, given: dict[str, str], words: str
) -> None:
    """Also what the template's own pattern lets pass, or cannot compare with another."""
    (found,) = failed(account, template=read_template(), given=given, rules=RULES)
    assert found.name == "template"
    assert words in found.what


@pytest.mark.parametrize(
    ("parameters", "state", "words"),
    [
        ({}, "noted", "plain HTTP"),
        ({"CloudFront": "off", "CertificateArn": ""}, "noted", "plain HTTP"),
        ({"CloudFront": "on"}, "ok", "CloudFront"),
        ({"CloudFront": "off", "CertificateArn": "arn:aws:acm:x"}, "ok", "arn:aws:acm:x"),
    ],
)
def test_deploy_says_whether_the_chat_is_encrypted(
    parameters: dict[str, str], state: str, words: str
) -> None:
    """By default it is not, which nobody should find out later."""
    found = preflight.https_finding(parameters)
    assert (found.state, words in found.what) == (state, True)


def test_template_that_is_too_large(account: Account) -> None:
    """CloudFormation takes 51,200 bytes."""
    body = TEMPLATE + "#" * 51_200
    names = {each.name for each in failed(account, template=parse_template(body))}
    assert names == {"template size"}


def test_image_of_the_wrong_architecture(account: Account) -> None:
    """Named with the parameter that would fit."""
    arm = {"find_local": lambda: replace(IMAGE, architecture="arm64")}
    (found,) = failed(account, receipt=replace(receipt(), architecture="arm64"), **arm)
    assert "ARM64" in found.what
    assert found.hint == "parity deploy --parameter Architecture=ARM64"
    assert (
        failed(
            account,
            receipt=replace(receipt(), architecture="arm64"),
            given={"Architecture": "ARM64"},
            **arm,
        )
        == []
    )
    (found,) = failed(
        account,
        receipt=replace(receipt(), architecture="riscv64"),
        find_local=lambda: replace(IMAGE, architecture="riscv64"),
    )
    assert "riscv64" in found.what


def test_tested_image_that_is_gone_or_another(account: Account) -> None:
    """Removed by `scripts/down`, or the tag put onto another image."""
    (found,) = failed(account, find_local=lambda: None)
    assert "neither in the local engine nor in ECR" in found.what
    assert found.hint.startswith("scripts/test")
    other = replace(IMAGE, config_digest="sha256:" + "0" * 64)
    (found,) = failed(account, find_local=lambda: other)
    assert "is not the tested one" in found.what
    (found,) = failed(account, find_local=lambda: replace(IMAGE, architecture="arm64"))
    assert found.what == "the local image is for arm64, its receipt says amd64"


@pytest.mark.parametrize(
    ("changes", "state", "words"),
    [
        ({}, "ok", "9 tests passed"),
        ({"passed": False}, "failed", "of a run that did not pass"),
        ({"suites": {}}, "failed", "without any result of a test"),
        ({"suites": receipt(failed=2).suites}, "failed", "not green: unit tests"),
        ({"tree_clean": False}, "noted", "no commit holds"),
        ({"git_revision": "f" * 40}, "noted", "another commit"),
        ({"untested": True, "passed": False}, "noted", "nobody has tested"),
    ],
)
def test_receipt_is_judged(changes: dict[str, Any], state: str, words: str) -> None:
    """Only green ones pass; what is worth knowing is noted; untested is a decision."""
    found = preflight.receipt_finding(
        replace(receipt(), **changes), checkout=receipt().git_revision
    )
    assert (found.state, words in found.what) == (state, True)
    assert ("--untested" in found.hint) == (state == "failed")


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        ("ROLLBACK_COMPLETE", "parity destroy --stack chat"),
        ("ROLLBACK_FAILED", "parity destroy --stack chat"),
        ("CREATE_FAILED", "parity destroy --stack chat"),
        ("DELETE_FAILED", "parity destroy --stack chat"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback --stack-name chat"),
        ("UPDATE_FAILED", "rollback-stack --stack-name chat"),
    ],
)
def test_stack_that_cannot_be_deployed_onto(account: Account, status: str, hint: str) -> None:
    """Each with the command that leads on."""
    (found,) = failed(account, state=StackState(STACK, status, "id"))
    assert status in found.what
    assert hint in found.hint


def test_stack_of_somebody_else(account: Account) -> None:
    """Whatever its state."""
    (found,) = failed(account, state=StackState(STACK, "CREATE_COMPLETE", "id", own=False))
    assert "is not Parity Kit's" in found.what
    assert "--stack chat-chat" in found.hint


def test_several_failures_are_one_error_that_names_the_first(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table shows them all."""
    found = examined(account, receipt=receipt(passed=False), find_local=lambda: None)
    with pytest.raises(ParityError, match=r"nothing was changed: .*1 more of the checks") as caught:
        preflight.require([*found.values()])
    assert caught.value.hint.startswith("scripts/test")
    assert capsys.readouterr().err.count("failed") == 2


@pytest.mark.parametrize(
    ("used", "limit", "state"),
    [(3, 5.0, "ok"), (4, 5.0, "failed"), (None, 5.0, "noted"), (4, None, "noted")],
)
def test_room_for_addresses(used: int | None, limit: float | None, state: str) -> None:
    """Two NAT gateways take two Elastic IP addresses."""
    found = quotas.room_finding(quotas.ADDRESSES, 2, used, limit)
    assert found.state == state
    if state == "failed":
        assert found.hint.endswith("--quota-code L-0263D0A3 --desired-value 6")


def test_vpc_quota_is_read_and_reached(account: Account) -> None:
    """Moto's accounts have 5, as AWS's; on an update none is made, nor in one's own VPC."""
    for number in range(4):
        account.client("ec2").create_vpc(CidrBlock=f"10.{number}.0.0/16")
    (found,) = failed(account)
    assert "quota reached: VPCs per region: 5 of 5 used" in found.what
    assert failed(account, state=StackState(STACK, "UPDATE_COMPLETE", "id")) == []
    assert quotas.findings(account, {"VpcId": "vpc-1"}, first=True) == []


@pytest.mark.parametrize(
    ("availability", "problem"),
    [
        ({}, ""),
        ({"authorizationStatus": "AUTHORIZED", "regionAvailability": "AVAILABLE"}, ""),
        ({"authorizationStatus": "NOT_AUTHORIZED"}, "authorizationStatus NOT_AUTHORIZED"),
        ({"regionAvailability": "NOT_AVAILABLE"}, "regionAvailability NOT_AVAILABLE"),
    ],
)
def test_model_access_is_judged_by_bedrocks_answer(
    availability: dict[str, str], problem: str
) -> None:
    """Authorization, entitlement, region."""
    assert models.problem_of(availability) == problem


@pytest.mark.parametrize(("region", "state"), [("cn-north-1", "failed"), ("us-east-1", "noted")])
def test_region_without_bedrock_is_told_from_one_that_is_out_of_reach(
    region: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for real, at an address where nobody listens, as in a region that has no such name."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK", "http://127.0.0.1:1")
    account = Account(boto3.Session(region_name=region))
    (found,) = models.model_findings(account, "amazon.nova-micro-v1:0")
    assert found.state == state
    assert ("does not run in this region" in found.what) == (state == "failed")
    assert found.hint.startswith("export AWS_REGION=") == (state == "failed")


def test_model_without_access_names_those_with(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a deploy can go on with what there is; what is not known is noted."""
    answers: dict[str, str | None] = {"good": "", "bad": "authorizationStatus NOT_AUTHORIZED"}
    monkeypatch.setattr(models, "_problem", lambda _, name: answers.get(name))
    (found,) = models.model_findings(account, "good,bad")
    assert "no access to the Bedrock model 'bad' in us-east-1" in found.what
    assert "--parameter BedrockModelIds=good" in found.hint
    (found,) = models.model_findings(account, "good, unknown")
    assert (found.state, "unknown" in found.what) == ("noted", True)
    assert models.model_findings(account, "good")[0].state == "ok"
    assert models.model_findings(account, "") == []


@pytest.mark.parametrize(
    ("model_id", "base"),
    [
        ("amazon.nova-micro-v1:0", "amazon.nova-micro-v1:0"),
        ("eu.amazon.nova-micro-v1:0", "amazon.nova-micro-v1:0"),
        ("global.anthropic.claude", "anthropic.claude"),
        ("arn:aws:bedrock:us-east-1:1:inference-profile/x", None),
    ],
)
def test_inference_profile_is_its_model(model_id: str, base: str | None) -> None:
    """Of which alone Bedrock tells the availability."""
    assert models.base_model(model_id) == base
