"""A template's properties in the form of a service's API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.session import Session

from parity.rehearsal.stacks.fit import UnknownPropertyError, fit

if TYPE_CHECKING:
    from botocore.model import Shape


def shape(service: str, operation: str) -> Shape:
    """Return the input of an operation as botocore describes it."""
    model: Any = Session().get_service_model(service)
    found: Shape = model.operation_model(operation).input_shape
    return found


def test_names_and_scalars_become_the_apis_own() -> None:
    """RegisterTaskDefinition begins its names in lower case and wants numbers as numbers."""
    fitted = fit(
        shape("ecs", "RegisterTaskDefinition"),
        {"Cpu": 256, "ContainerDefinitions": [{"StopTimeout": "30", "Essential": "true"}]},
        "t",
    )

    assert fitted == {
        "cpu": "256",
        "containerDefinitions": [{"stopTimeout": 30, "essential": True}],
    }


def test_keys_of_maps_stay_as_the_user_wrote_them() -> None:
    """Labels and log options are data, not names of members."""
    labels = {"Parity.Receipt": "r1"}

    fitted = fit(
        shape("ecs", "RegisterTaskDefinition"),
        {"ContainerDefinitions": [{"DockerLabels": labels}]},
        "t",
    )

    assert fitted["containerDefinitions"][0]["dockerLabels"] == labels


def test_a_property_that_the_api_does_not_have_is_refused_by_name() -> None:
    """Dropping it would turn a template's mistake into a green rehearsal."""
    with pytest.raises(UnknownPropertyError, match=r"t\.ContainerDefinitions\[0\]\.StopTimout"):
        fit(
            shape("ecs", "RegisterTaskDefinition"),
            {"ContainerDefinitions": [{"StopTimout": 30}]},
            "t",
        )


def test_a_document_becomes_json_where_the_api_takes_text() -> None:
    """Policies are mappings in a template and strings in IAM's API."""
    fitted = fit(shape("iam", "PutRolePolicy"), {"PolicyDocument": {"Statement": []}}, "t")

    assert fitted == {"PolicyDocument": '{"Statement": []}'}


def test_text_becomes_bytes_where_the_api_takes_bytes() -> None:
    """The code of a CloudFront function is text in a template."""
    fitted = fit(shape("cloudfront", "CreateFunction"), {"FunctionCode": "function x() {}"}, "t")

    assert fitted == {"FunctionCode": b"function x() {}"}


def test_a_mapping_where_a_list_belongs_is_refused() -> None:
    """A value of the wrong kind is the template's mistake, too."""
    with pytest.raises(UnknownPropertyError, match=r"t\.Subnets"):
        fit(shape("elbv2", "CreateLoadBalancer"), {"Subnets": {"a": "b"}}, "t")
