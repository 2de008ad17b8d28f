"""CloudFront's prefix list is found by its name, and only where it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parity.deploy import prefix_list
from parity.deploy.prefix_list import NAME, PARAMETER, with_prefix_list
from parity.deploy.template import parse_template, read_template
from parity.errors import ParityError

if TYPE_CHECKING:
    from parity.aws.account import Account

TEMPLATE = read_template()


def every_list(account: Account) -> dict[str, str]:
    """Return the region's prefix lists, ids by name."""
    lists = account.client("ec2").describe_managed_prefix_lists()["PrefixLists"]
    return {found["PrefixListName"]: found["PrefixListId"] for found in lists}


@pytest.mark.parametrize("previous", [{}, {"CloudFront": "off", PARAMETER: ""}])
def test_id_is_looked_up_by_name_when_cloudfront_is_switched_on(
    account: Account, previous: dict[str, str]
) -> None:
    """Whoever says CloudFront=on need not know that there are prefix lists."""
    lists = every_list(account)
    assert len(lists) > 1
    given = with_prefix_list(account, TEMPLATE, {"CloudFront": "on"}, previous)
    assert given == {"CloudFront": "on", PARAMETER: lists[NAME]}


@pytest.mark.parametrize(
    ("given", "previous"),
    [
        ({}, {}),
        ({"CloudFront": "off"}, {"CloudFront": "on"}),
        ({"CloudFront": "on", PARAMETER: "pl-0123456789abcdef0"}, {}),
        ({"MaxTasks": "20"}, {"CloudFront": "on", PARAMETER: "pl-0123456789abcdef0"}),
    ],
    ids=["off", "switched off", "named", "as before"],
)
def test_nothing_is_looked_up_where_nothing_is_missing(
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    given: dict[str, str],
    previous: dict[str, str],
) -> None:
    """The list's name is one that no region has, and nobody notices."""
    monkeypatch.setattr(prefix_list, "NAME", "com.amazonaws.global.elsewhere")
    assert with_prefix_list(account, TEMPLATE, given, previous) == given


def test_template_without_the_parameter_is_left_alone(account: Account) -> None:
    """An older template takes CloudFront without it."""
    older = parse_template("Parameters: {CloudFront: {Type: String}}\nResources: {}\n")
    assert with_prefix_list(account, older, {"CloudFront": "on"}, {}) == {"CloudFront": "on"}


def test_region_without_the_list_is_said_and_what_to_type(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is changed."""
    monkeypatch.setattr(prefix_list, "NAME", "com.amazonaws.global.elsewhere")
    with pytest.raises(ParityError, match=account.region) as caught:
        with_prefix_list(account, TEMPLATE, {"CloudFront": "on"}, {})
    assert PARAMETER in caught.value.hint
