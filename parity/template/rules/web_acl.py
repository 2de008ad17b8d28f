"""The web ACL: what it stands before, whom it counts, what it keeps out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.template.place import place, places
from parity.template.rules.reading import DISTRIBUTION, LOAD_BALANCER, ON, WEB_ACL, behaviours

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.template.place import Fault
    from parity.template.values import Resolved

FUNCTION = "AWS::CloudFront::Function"


def stands_before(resolved: Resolved) -> Iterator[Fault]:
    """A web ACL protects only what it is put before, and only in the scope of that thing."""
    asked = str(resolved.parameters.get("Waf", "")).lower() in ON
    before = [
        item["ResourceArn"].target for item in places(resolved, "AWS::WAFv2::WebACLAssociation")
    ]
    on_edge = any(item["DistributionConfig"]["WebACLId"] for item in places(resolved, DISTRIBUTION))
    for balancer in places(resolved, LOAD_BALANCER):
        if asked and balancer.resource not in before and not on_edge:
            yield balancer.fault("a web ACL before it, since Waf is on")
    for association in places(resolved, "AWS::WAFv2::WebACLAssociation"):
        acl = association["WebACLArn"].target
        scope = place(resolved, acl)["Scope"] if acl else association["WebACLArn"]
        if scope.text != "REGIONAL":
            yield scope.fault("REGIONAL, for a load balancer")
    for acl_place in places(resolved, WEB_ACL):
        if not acl_place["Rules"].value:
            yield acl_place["Rules"].fault("rules, without which it lets everything pass")


def rate_by_browser(resolved: Resolved) -> Iterator[Fault]:
    """A rate limit counts browsers, by an address that CloudFront names and no client can forge."""
    behind = bool(resolved.of_type(DISTRIBUTION))
    wanted = "FORWARDED_IP" if behind else "IP"
    for acl in places(resolved, WEB_ACL):
        for rule in acl["Rules"]:
            rate = rule["Statement"]["RateBasedStatement"]
            header = rate["ForwardedIPConfig"]["HeaderName"]
            if rate and rate["AggregateKeyType"].text != wanted:
                yield rate["AggregateKeyType"].fault(wanted)
            elif (
                rate
                and behind
                and not all(
                    f"'{header.text.lower()}'" in code for code in _viewer_functions(resolved)
                )
            ):
                yield header.fault("a header that a function of the distribution sets")


def keeps_out(resolved: Resolved) -> Iterator[Fault]:
    """A web ACL blocks what its rules name and lets the rest pass: neither all of it nor none."""
    for acl in places(resolved, WEB_ACL):
        if not acl["DefaultAction"]["Allow"]:
            yield acl["DefaultAction"].fault("Allow")
        for rule in acl["Rules"]:
            if rule["Statement"]["ManagedRuleGroupStatement"]:
                if not rule["OverrideAction"]["None"]:
                    yield rule["OverrideAction"].fault("None: the group's own actions")
            elif not rule["Action"]["Block"]:
                yield rule["Action"].fault("Block")


def _viewer_functions(resolved: Resolved) -> Iterator[str]:
    """Yield what runs on each behaviour's requests before they are sent on; '' for nothing."""
    for behaviour in behaviours(resolved):
        codes = [
            place(resolved, function)["FunctionCode"].text
            for association in behaviour["FunctionAssociations"]
            if association["EventType"].text == "viewer-request"
            for function in association["FunctionARN"].targets(FUNCTION)
        ]
        yield "".join(codes)
