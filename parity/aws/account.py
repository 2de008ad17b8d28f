"""The AWS account as the AWS CLI sees it: AWS_PROFILE, AWS_REGION, SSO, AWS_ENDPOINT_URL[_...]."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from parity.aws.errors import plainly
from parity.errors import ParityError

CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 5},
    connect_timeout=10,
    user_agent_appid="parity-kit",
)


@dataclass(frozen=True)
class Identity:
    """Who one is: the account's 12 digits and the principal's ARN."""

    account: str
    arn: str


class Account:
    """One session, its region, and its clients, each made once."""

    def __init__(self, session: boto3.Session) -> None:
        self.session = session
        self.region = str(session.region_name)
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
        """Return the client of a service, such as 'ecs'."""
        if service not in self._clients:
            try:
                with plainly():
                    self._clients[service] = self.session.client(service, config=CONFIG)
            except ValueError as error:  # all that botocore says of an address that is none
                raise ParityError(
                    f"AWS cannot be reached: {error}",
                    hint="unset AWS_ENDPOINT_URL    (or endpoint_url in ~/.aws/config, or mend it)",
                ) from error
        return self._clients[service]

    def identity(self) -> Identity:
        """Return who these credentials are. Raises ParityError when they are nobody."""
        with plainly():
            answer = self.client("sts").get_caller_identity()
        return Identity(account=str(answer["Account"]), arn=str(answer["Arn"]))


def connect() -> Account:
    """Return the account that the environment and ~/.aws name.

    boto3 alone reads AWS_DEFAULT_REGION only; the AWS CLI, and so the kit, AWS_REGION before it.
    Raises ParityError for a profile that is not there, and where no region is set.
    """
    with plainly():
        session = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
    if not session.region_name:
        raise ParityError(
            "no AWS region is set, neither by AWS_REGION nor in the AWS profile",
            hint="export AWS_REGION=us-east-1    (the region to deploy to), then run this again",
        )
    return Account(session)
