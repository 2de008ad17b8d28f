"""What AWS's errors mean and what to type next: the one place where botocore's become ours."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3
from botocore import exceptions as boto

from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_CREDENTIALS = (
    boto.NoCredentialsError,
    boto.NoAuthTokenError,
)
BROKEN_CREDENTIALS = (boto.PartialCredentialsError, boto.CredentialRetrievalError)
EXPIRED_SSO = (
    boto.UnauthorizedSSOTokenError,
    boto.SSOTokenLoadError,
    boto.TokenRetrievalError,
    boto.SSOError,
)
UNREACHABLE = (boto.HTTPClientError, boto.ConnectionError)
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "AuthorizationError",
    "AuthorizationErrorException",
}
NOT_ACCEPTED = {
    "AuthFailure",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "OptInRequired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
BUSY = {"Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"}
SERVER_ERROR = 500
WORK_UNDER_WAY = re.compile(r"_IN_PROGRESS state")
QUOTA = re.compile(r"LimitExceeded|QuotaExceeded|TooMany(?!Requests)|MaximumNumber")
ACTION = re.compile(r"not authorized to perform:? ([\w-]+:\w+)")


@contextmanager
def plainly() -> Iterator[None]:
    """Turn whatever botocore raises in the block into a ParityError that names the next command."""
    try:
        yield
    except (boto.BotoCoreError, boto.ClientError) as error:
        raise translate(error) from error


def translate(error: boto.BotoCoreError | boto.ClientError) -> ParityError:
    """Return the error to show for one of botocore's."""
    if isinstance(error, boto.ClientError):
        return _refused(error)
    return _not_asked(error)


def _not_asked(error: boto.BotoCoreError) -> ParityError:
    """Return the error for a request that no service has answered."""
    if isinstance(error, EXPIRED_SSO):
        return _expired(str(error))
    if isinstance(error, NO_CREDENTIALS):
        return ParityError(
            "no AWS credentials were found",
            hint="aws configure sso, then export AWS_PROFILE=<the profile's name>",
            detail=str(error),
        )
    if isinstance(error, BROKEN_CREDENTIALS):
        return ParityError(
            f"the AWS credentials cannot be used: {error}".rstrip(": \n"),
            hint="aws configure list    (where they come from); mend them, then run this again",
        )
    if isinstance(error, (boto.InvalidRegionError, *UNREACHABLE)):
        return _unreachable(str(error))
    if isinstance(error, boto.ProfileNotFound):
        return ParityError(
            f"the AWS profile '{error.kwargs['profile']}' is not configured",
            hint="aws configure list-profiles, then export AWS_PROFILE=<one of them>",
        )
    return ParityError(f"AWS could not be asked: {error}", hint="aws sts get-caller-identity")


def code_of(error: boto.ClientError) -> str:
    """Return AWS's own name of an error, such as 'ValidationError'."""
    return str(error.response.get("Error", {}).get("Code", ""))


def message_of(error: boto.ClientError) -> str:
    """Return AWS's own words."""
    return str(error.response.get("Error", {}).get("Message", "")) or str(error)


def region_in_force() -> str:
    """Return the region that is asked; empty for none."""
    try:
        return str(boto3.Session(region_name=os.environ.get("AWS_REGION") or None).region_name)
    except boto.BotoCoreError:
        return ""


def _refused(error: boto.ClientError) -> ParityError:
    code, message = code_of(error), message_of(error)
    if code in EXPIRED:
        return _expired(message)
    if code in DENIED:
        found = ACTION.search(message)
        action = found[1] if found else error.operation_name
        return ParityError(
            f"access denied: these credentials may not do '{action}'",
            hint="aws sts get-caller-identity    (who they are); ask for that permission,"
            " or export AWS_PROFILE=<a profile that has it>",
            detail=message,
        )
    if code in NOT_ACCEPTED:
        region = region_in_force()
        return ParityError(
            f"AWS does not accept these credentials in the region '{region}'",
            hint=f"aws account get-region-opt-status --region-name {region}"
            "    (is the region enabled?), or renew the credentials: aws sso login",
            detail=f"{code}: {message}",
        )
    if QUOTA.search(code):
        return ParityError(
            f"a quota of the account is reached ({error.operation_name}): {message}",
            hint="aws service-quotas list-service-quotas --service-code <service>, then ask for"
            " more with request-service-quota-increase",
        )
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in BUSY or status >= SERVER_ERROR:
        hint = "run this again in a minute: AWS is busy, or has a fault of its own"
    elif WORK_UNDER_WAY.search(message):
        hint = "parity deploy    (waits until CloudFormation is done with the stack)"
    else:
        hint = "mend what it names, then run this again"
    return ParityError(f"AWS refused {error.operation_name}: {message} ({code})", hint=hint)


def _expired(detail: str) -> ParityError:
    profile = os.environ.get("AWS_PROFILE", "")
    renew = f"aws sso login{f' --profile {profile}' if profile else ''}"
    if os.environ.get("AWS_SESSION_TOKEN"):  # which wins over any profile
        renew = f"unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN, {renew}"
    return ParityError(
        "the AWS session has expired, or was never begun",
        hint=f"{renew}, then run this again",
        detail=detail,
    )


def _unreachable(detail: str) -> ParityError:
    region = region_in_force()
    if region not in known_regions():
        return _wrong_region(region, detail)
    endpoint = re.search(r'"(https?://[^"]+)"', detail)
    way = "through the proxy" if "proxy" in detail.lower() else "at"
    return ParityError(
        f"AWS cannot be reached{f' {way} {endpoint[1]}' if endpoint else ''}",
        hint="check the connection (HTTPS_PROXY behind a proxy, AWS_ENDPOINT_URL if it is set),"
        " then run this again",
        detail=detail,
    )


def _wrong_region(region: str, detail: str) -> ParityError:
    return ParityError(
        f"'{region}' is no region that AWS is known to have",
        hint="export AWS_REGION=us-east-1    (or another; aws account list-regions lists them)",
        detail=detail,
    )


def known_regions() -> list[str]:
    """Return the regions of every partition in which ECS is known to run."""
    session = boto3.Session()
    return [
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("ecs", partition_name=partition)
    ]
