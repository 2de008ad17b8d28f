"""Whether this account may call the models that the chat will offer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from parity.aws.errors import code_of
from parity.deploy.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parity.aws.account import Account

# An inference profile is its model with a geography before it.
GEOGRAPHY = re.compile(r"^(us|us-gov|eu|apac|au|ca|jp|global)\.")
NO_BEDROCK = "Amazon Bedrock does not run in this region"
GOOD = {
    "authorizationStatus": "AUTHORIZED",
    "entitlementAvailability": "AVAILABLE",
    "regionAvailability": "AVAILABLE",
}


def model_findings(account: Account, model_ids: str) -> list[Finding]:
    """Return one finding for the models of a comma list; none where the list is empty."""
    names = [name.strip() for name in model_ids.split(",") if name.strip()]
    if not names:
        return []
    problems = {name: _problem(account, name) for name in names}
    refused = {name: problem for name, problem in problems.items() if problem}
    if refused:
        return [_refused(refused, [name for name in names if name not in refused], account.region)]
    unknown = [name for name, problem in problems.items() if problem is None]
    if unknown:
        return [Finding("Bedrock models", "noted", f"access not known: {', '.join(unknown)}")]
    return [Finding("Bedrock models", "ok", ", ".join(names))]


def problem_of(availability: Mapping[str, Any]) -> str:
    """Return what stands in the way by GetFoundationModelAvailability; empty for nothing."""
    return ", ".join(
        f"{name} {availability[name]}"
        for name, good in GOOD.items()
        if availability.get(name, good) != good
    )


def base_model(model_id: str) -> str | None:
    """Return the foundation model of a model id or inference profile; None for an ARN."""
    return None if model_id.startswith("arn:") else GEOGRAPHY.sub("", model_id)


def _refused(refused: Mapping[str, str | None], others: list[str], region: str) -> Finding:
    name, problem = next(iter(refused.items()))
    rest = f", or parity deploy --parameter BedrockModelIds={','.join(others)}" if others else ""
    return Finding(
        "Bedrock models",
        "failed",
        f"no access to the Bedrock model '{name}' in {region}: {problem}",
        "export AWS_REGION=us-east-1    (or another that has Amazon Bedrock)"
        if problem == NO_BEDROCK
        else f"aws bedrock get-foundation-model-availability --model-id {base_model(name)}, ask for"
        f" access in the Bedrock console{rest}",
    )


def _problem(account: Account, name: str) -> str | None:
    """Return what stands in the way of calling a model; None where that cannot be known."""
    model = base_model(name)
    if model is None:
        return None
    client = account.client("bedrock")
    try:
        return problem_of(client.get_foundation_model_availability(modelId=model))
    except ClientError as error:
        missing = code_of(error) in ("ValidationException", "ResourceNotFoundException")
        return "Bedrock knows no such model here" if missing else None
    except EndpointConnectionError:
        return None if account.region in regions() else NO_BEDROCK
    except BotoCoreError:
        return None


def regions() -> list[str]:
    """Return the regions in which botocore knows Amazon Bedrock to run; newer ones may lack."""
    session = boto3.Session()
    return [
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("bedrock", partition_name=partition)
    ]
