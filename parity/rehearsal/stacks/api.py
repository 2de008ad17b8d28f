"""Calls of the services' own APIs, with a template's properties as their arguments."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from botocore.config import Config
from botocore.session import Session

from parity.rehearsal.stacks.fit import fit

REGION = os.environ.get("AWS_REGION", "us-east-1")


@cache
def client(service: str) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
    """Return the client of a service; its endpoint comes from AWS_ENDPOINT_URL, as everywhere."""
    once = Config(retries={"total_max_attempts": 1})
    return Session().create_client(service, region_name=REGION, config=once)


def call(service: str, operation: str, **properties: object) -> dict[str, Any]:
    """Call an operation (its API name, such as CreateVpc) and return its answer.

    Properties whose value is None are left out. Raises UnknownPropertyError for one that the
    operation does not have, botocore's errors for what it refuses.
    """
    api = client(service)
    shape = api.meta.service_model.operation_model(operation).input_shape
    given = {name: value for name, value in properties.items() if value is not None}
    arguments = fit(shape, given, operation) if given else {}
    method = next(name for name, to in api.meta.method_to_api_mapping.items() if to == operation)
    answer: dict[str, Any] = getattr(api, method)(**arguments)
    return answer
