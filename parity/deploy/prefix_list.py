"""CloudFront's managed prefix list: another id in every region, so it is looked up by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.aws.errors import plainly
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parity.aws.account import Account
    from parity.deploy.template import Template

NAME = "com.amazonaws.global.cloudfront.origin-facing"
PARAMETER = "CloudFrontPrefixListId"


def with_prefix_list(
    account: Account, template: Template, given: Mapping[str, str], previous: Mapping[str, str]
) -> Mapping[str, str]:
    """Return the given parameters, with the id that CloudFront needs where nobody named it.

    previous: the stack's own. Raises ParityError where the region has no such list.
    """
    after = {**previous, **given}
    if PARAMETER not in template.parameters or after.get("CloudFront") != "on":
        return given
    return given if after.get(PARAMETER) else {**given, PARAMETER: find(account)}


def find(account: Account) -> str:
    """Return the id of the list in the account's region. Raises ParityError for none."""
    only = [{"Name": "prefix-list-name", "Values": [NAME]}]
    with plainly():
        lists = account.client("ec2").describe_managed_prefix_lists(Filters=only)["PrefixLists"]
    ids = [str(found["PrefixListId"]) for found in lists if found["PrefixListName"] == NAME]
    if not ids:
        raise ParityError(
            f"the region {account.region} has no prefix list {NAME}, which CloudFront=on needs",
            hint=f"--parameter {PARAMETER}=pl-...    (VPC console, Managed prefix lists)",
        )
    return ids[0]
