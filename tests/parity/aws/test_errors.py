"""Whatever AWS refuses, the user reads one sentence and the next command to type."""

from __future__ import annotations

import boto3
import pytest
from botocore import exceptions as boto
from botocore.config import Config

from parity.aws import account, errors
from parity.errors import ParityError


def refused(code: str, message: str = "no", operation: str = "DescribeStacks") -> boto.ClientError:
    """Return an error as boto3 raises it for an answer of AWS."""
    return boto.ClientError({"Error": {"Code": code, "Message": message}}, operation)


def test_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for real, with none anywhere."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.delenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", raising=False)
    with pytest.raises(ParityError, match="no AWS credentials") as caught:
        account.connect().identity()
    assert "AWS_PROFILE" in caught.value.hint


def test_profile_that_is_not_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Named, with the command that lists those there are."""
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(ParityError, match="'nobody' is not configured") as caught:
        account.connect()
    assert caught.value.hint.startswith("aws configure list-profiles")


def test_no_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_REGION wins, as for the AWS CLI; without any, it is said."""
    assert account.connect().region == "us-east-1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert account.connect().region == "us-east-1"
    monkeypatch.delenv("AWS_REGION")
    assert account.connect().region == "eu-central-1"
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(ParityError, match="no AWS region") as caught:
        account.connect()
    assert "AWS_REGION" in caught.value.hint


@pytest.mark.parametrize(
    "error",
    [
        boto.UnauthorizedSSOTokenError(),
        boto.SSOTokenLoadError(error_msg="gone"),
        boto.TokenRetrievalError(provider="sso", error_msg="expired"),
        refused("ExpiredToken"),
        refused("ExpiredTokenException"),
    ],
)
def test_expired_session_names_the_login(
    error: boto.BotoCoreError | boto.ClientError, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the profile that is in use; what wins over it has to go first."""
    monkeypatch.setenv("AWS_PROFILE", "work")
    translated = errors.translate(error)
    assert "expired" in translated.what
    assert translated.hint.startswith("unset AWS_ACCESS_KEY_ID ")
    monkeypatch.delenv("AWS_SESSION_TOKEN")
    assert errors.translate(error).hint.startswith("aws sso login --profile work")


def test_half_of_the_credentials_is_not_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for real: what is missing is named."""
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(ParityError, match=r"cannot be used.*AWS_SECRET_ACCESS_KEY") as caught:
        account.connect().identity()
    assert caught.value.hint.startswith("aws configure list")


def test_endpoint_that_is_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quoted, with the variable it comes from."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "nonsense")
    with pytest.raises(ParityError, match="nonsense") as caught:
        account.connect().identity()
    assert caught.value.hint.startswith("unset AWS_ENDPOINT_URL")


def test_proxy_that_does_not_answer_is_called_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for real, through a port where nobody listens."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    quick = Config(retries={"total_max_attempts": 1})
    client = boto3.client("sts", "us-east-1", config=quick)
    with pytest.raises(ParityError, match="through the proxy http"), errors.plainly():
        client.get_caller_identity()


@pytest.mark.parametrize("region", ["us-esat-1", "nowhere"])
def test_region_that_does_not_exist(region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name does not resolve; that is no trouble of the network."""
    monkeypatch.setenv("AWS_REGION", region)
    error = boto.EndpointConnectionError(endpoint_url=f"https://sts.{region}.amazonaws.com/")
    translated = errors.translate(error)
    assert f"'{region}' is no region" in translated.what
    assert "AWS_REGION" in translated.hint


def test_unreachable_endpoint_is_named() -> None:
    """Asked for real, at an address where nobody listens."""
    quick = Config(retries={"total_max_attempts": 1})
    client = boto3.client("sts", "us-east-1", endpoint_url="http://127.0.0.1:1", config=quick)
    where = r"cannot be reached at http://127\.0\.0\.1:1"
    with pytest.raises(ParityError, match=where) as caught, errors.plainly():
        client.get_caller_identity()
    assert "AWS_ENDPOINT_URL" in caught.value.hint


@pytest.mark.parametrize(
    ("message", "action"),
    [
        (
            "User: arn:x is not authorized to perform: ecs:DescribeServices on x",
            "ecs:DescribeServices",
        ),
        ("You are not authorized to perform this operation.", "DescribeStacks"),
    ],
)
def test_denied_access_quotes_the_action(message: str, action: str) -> None:
    """So that one knows what to ask for."""
    translated = errors.translate(refused("AccessDenied", message))
    assert f"'{action}'" in translated.what
    assert translated.hint.startswith("aws sts get-caller-identity")
    assert translated.detail == message


def test_credentials_of_nobody_and_regions_not_enabled() -> None:
    """AWS answers both alike, so both are named."""
    translated = errors.translate(refused("UnrecognizedClientException"))
    assert "'us-east-1'" in translated.what
    assert "get-region-opt-status --region-name us-east-1" in translated.hint


@pytest.mark.parametrize(
    "code", ["LimitExceededException", "ServiceQuotaExceededException", "TooManyLoadBalancers"]
)
def test_quota_reached(code: str) -> None:
    """In AWS's words, with the way to more."""
    translated = errors.translate(refused(code, "100 is the most"))
    assert "quota" in translated.what
    assert "100 is the most" in translated.what
    assert "service-quotas" in translated.hint


def test_anything_else_is_in_aws_words() -> None:
    """With the operation and the code, and never without what to do."""
    translated = errors.translate(refused("Odd", "It is Tuesday."))
    assert translated.what == "AWS refused DescribeStacks: It is Tuesday. (Odd)"
    assert translated.hint


@pytest.mark.parametrize(
    ("code", "message", "hint"),
    [
        ("Throttling", "Rate exceeded", "run this again in a minute"),
        ("ValidationError", "Stack:x is in UPDATE_IN_PROGRESS state", "parity deploy"),
        ("ValidationError", "Template error", "mend what it names"),
    ],
)
def test_hint_fits_what_aws_says(code: str, message: str, hint: str) -> None:
    """Wait, follow, or mend."""
    assert errors.translate(refused(code, message)).hint.startswith(hint)
