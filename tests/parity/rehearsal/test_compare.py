"""Comparing what a template says with what a service says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from parity.rehearsal.compare import compare


def verdicts(expected: dict[str, Any], found: dict[str, Any]) -> dict[str, str]:
    """Return the verdict by path."""
    return {field.path: field.verdict for field in compare(expected, found)}


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ({"Cpu": 256}, {"cpu": "256"}),
        ({"Enabled": True}, {"enabled": "true"}),
        ({"EnableExecuteCommand": "false"}, {"enableExecuteCommand": False}),
        (
            {"EFSVolumeConfiguration": {"FilesystemId": "fs-1"}},
            {"efsVolumeConfiguration": {"fileSystemId": "fs-1"}},
        ),
        ({"Subnets": ["a", "b"]}, {"subnets": ["b", "a"]}),
        ({"Policy": {"Action": ["s3:Get"]}}, {"policy": json.dumps({"Action": "s3:Get"})}),
        ({"Body": '{"a": 1}'}, {"body": '{"a":1}'}),
        ({"Target": 60}, {"target": 60.0}),
    ],
)
def test_the_same_in_other_words_is_proven(expected: dict[str, Any], found: dict[str, Any]) -> None:
    """Case, scalars as text, order and JSON are the API's choice, not a difference."""
    assert set(verdicts(expected, found).values()) == {"proven"}


def test_another_value_is_different_and_an_absent_one_is_unsaid() -> None:
    """What a service contradicts is a fault; what it does not say is a gap."""
    assert verdicts({"A": "1", "B": "2", "C": "3"}, {"a": "1", "b": "9", "c": None}) == {
        "A": "proven",
        "B": "different",
        "C": "unsaid",
    }


def test_items_with_names_are_held_to_the_item_of_that_name() -> None:
    """Attributes and variables are found by Key or Name, in whatever order, each on its own."""
    expected = {"Attributes": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}
    found = {"attributes": [{"key": "b", "value": "3"}, {"key": "a", "value": "1"}]}

    assert verdicts(expected, found) == {
        "Attributes[a].Key": "proven",
        "Attributes[a].Value": "proven",
        "Attributes[b].Key": "proven",
        "Attributes[b].Value": "different",
    }


def test_one_found_item_does_not_prove_two_expected_ones() -> None:
    """Two equal rules need two rules."""
    rule = {"FromPort": 80}

    assert verdicts({"Rules": [rule, rule]}, {"rules": [rule]}) == {
        "Rules[0].FromPort": "proven",
        "Rules[1]": "missing",
    }


@pytest.mark.parametrize(
    ("expected", "path"),
    [
        ({"Groups": ["sg-1"]}, "Groups[0]"),
        ({"Groups": [{"Key": "a", "Value": "1"}]}, "Groups[a]"),
        ({"Groups": [{"Name": "REGION", "Value": "x"}]}, "Groups[REGION]"),
    ],
)
def test_an_item_that_should_be_in_a_list_and_is_not_is_missing(
    expected: dict[str, Any], path: str
) -> None:
    """A list that the service does give, without the item, contradicts the template."""
    assert verdicts(expected, {"groups": []}) == {path: "missing"}


def test_path_without_numbers_names_a_property_once() -> None:
    """Names of items stay: a variable is a property of its own."""
    (field,) = compare({"Rules": [{"Days": [1]}]}, {"rules": [{"days": [1]}]})
    assert (field.path, field.general) == ("Rules[0].Days[0]", "Rules[].Days[]")
