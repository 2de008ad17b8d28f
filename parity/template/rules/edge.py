"""Before the load balancer: CloudFront, the web ACL, sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.template.place import place, places
from parity.template.rules.reading import (
    DISTRIBUTION,
    LISTENER,
    LISTENER_RULE,
    LOAD_BALANCER,
    ON,
    VPC_ORIGIN,
    behaviours,
    forwards,
    groups_of,
    lets_out,
    listener_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.template.place import Fault, Place
    from parity.template.values import Resolved

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_AND_CLOUDFRONT = "33f36d7e-f396-46d9-90e0-52428a34d9dc"
METHODS = {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"}
SECRETS = "{{resolve:secretsmanager:"
HTTPS = 443


def cloudfront_when_asked(resolved: Resolved) -> Iterator[Fault]:
    """Whoever switches CloudFront on expects a distribution, and none when it is off."""
    asked = str(resolved.parameters.get("CloudFront", "")).lower()
    found = resolved.of_type(DISTRIBUTION)
    for balancer in places(resolved, LOAD_BALANCER):
        if asked in ON and not found:
            yield balancer.fault("a distribution before it, since CloudFront is on")
    for distribution in places(resolved, DISTRIBUTION):
        if asked and asked not in ON:
            yield distribution.fault("none, since CloudFront is off")


def cloudfront_enabled(resolved: Resolved) -> Iterator[Fault]:
    """A distribution that is not enabled answers nobody, while the stack counts as made."""
    for distribution in places(resolved, DISTRIBUTION):
        enabled = distribution["DistributionConfig"]["Enabled"]
        if not enabled.true:
            yield enabled.fault("true")


def cloudfront_tied(resolved: Resolved) -> Iterator[Fault]:
    """Only a VPC origin or a secret header proves that a request came through the distribution."""
    for origin in _origins(resolved):
        if not _vpc_origin(origin) and not _secret_header(origin):
            yield origin.fault("VpcOriginConfig, or a secret header that the listener demands")


def private_behind_cloudfront(resolved: Resolved) -> Iterator[Fault]:
    """Behind a VPC origin a load balancer needs no public address, so it should have none."""
    private = [origin for origin in _origins(resolved) if _vpc_origin(origin)]
    for balancer in places(resolved, LOAD_BALANCER):
        scheme = balancer["Scheme"]
        if private and scheme.text != "internal":
            yield scheme.fault("internal, behind a VPC origin")
        if not resolved.of_type(DISTRIBUTION) and scheme.text == "internal":
            yield scheme.fault("internet-facing, with nothing in front")


def cloudfront_https(resolved: Resolved) -> Iterator[Fault]:
    """Session keys are bearer secrets: between browser and CloudFront they travel by HTTPS only."""
    for behaviour in behaviours(resolved):
        policy = behaviour["ViewerProtocolPolicy"]
        if policy.text not in {"redirect-to-https", "https-only"}:
            yield policy.fault("redirect-to-https")


def cloudfront_passes_everything(resolved: Resolved) -> Iterator[Fault]:
    """The page needs Host, websockets and uploads the rest, Secure cookies the browser's scheme."""
    for behaviour in behaviours(resolved):
        if set(behaviour["AllowedMethods"].texts) != METHODS:
            yield behaviour["AllowedMethods"].fault(", ".join(sorted(METHODS)))
        if behaviour["OriginRequestPolicyId"].text != ALL_VIEWER_AND_CLOUDFRONT:
            yield behaviour["OriginRequestPolicyId"].fault(
                f"{ALL_VIEWER_AND_CLOUDFRONT} (AllViewerAndCloudFrontHeaders-2022-06)"
            )


def cloudfront_caches_nothing(resolved: Resolved) -> Iterator[Fault]:
    """A cached answer may come from another version's replica, or with somebody else's cookie."""
    for behaviour in behaviours(resolved):
        if behaviour["CachePolicyId"].text != CACHING_DISABLED:
            yield behaviour["CachePolicyId"].fault(f"{CACHING_DISABLED} (CachingDisabled)")


def origin_protocol(resolved: Resolved) -> Iterator[Fault]:
    """CloudFront must call the load balancer the way that forwards, not the one that redirects."""
    secure = any(item["Protocol"].text == "HTTPS" for item in places(resolved, LISTENER))
    wanted = "https-only" if secure else "http-only"
    policies = [
        item["VpcOriginEndpointConfig"]["OriginProtocolPolicy"]
        for item in places(resolved, VPC_ORIGIN)
    ]
    policies += [
        origin["CustomOriginConfig"]["OriginProtocolPolicy"]
        for origin in _origins(resolved)
        if origin["CustomOriginConfig"]
    ]
    for policy in policies:
        if policy.text != wanted:
            yield policy.fault(wanted)


def sign_in_when_asked(resolved: Resolved) -> Iterator[Fault]:
    """Whoever names an identity provider expects that nobody passes without signing in."""
    if not resolved.parameters.get("OidcIssuer"):
        return
    for action, _ in forwards(resolved):
        siblings = _siblings(action)
        before = [
            other
            for other in siblings
            if other["Type"].text in {"authenticate-oidc", "authenticate-cognito"}
            and (other["Order"].number or 0) < (action["Order"].number or len(siblings))
        ]
        if not before:
            yield action.fault("authenticate-oidc before it")


def sign_in_works(resolved: Resolved) -> Iterator[Fault]:
    """Sign-in needs HTTPS, a client secret nobody can read here, and a way to the provider."""
    for owner in places(resolved, LISTENER, LISTENER_RULE):
        for action in [*owner["DefaultActions"], *owner["Actions"]]:
            if action["Type"].text != "authenticate-oidc":
                continue
            config = action["AuthenticateOidcConfig"]
            listener = listener_of(action)
            if listener is None or listener["Protocol"].text != "HTTPS":
                yield action.fault("sign-in on a listener with HTTPS")
            if not config["ClientSecret"].text.startswith(SECRETS):
                yield config["ClientSecret"].fault(f"{SECRETS}...}}}}")
            if config["OnUnauthenticatedRequest"].text not in {"", "authenticate"}:
                yield config["OnUnauthenticatedRequest"].fault("authenticate")
            if listener is not None and not _reaches_provider(listener):
                yield listener["LoadBalancerArn"].fault("a security group open outwards on 443")


def _origins(resolved: Resolved) -> Iterator[Place]:
    for distribution in places(resolved, DISTRIBUTION):
        yield from distribution["DistributionConfig"]["Origins"]


def _vpc_origin(origin: Place) -> bool:
    return bool(origin["VpcOriginConfig"]["VpcOriginId"])


def _secret_header(origin: Place) -> bool:
    """Tell whether every forward of the listeners demands one of the origin's headers."""
    headers = {item["HeaderName"].text.lower(): item for item in origin["OriginCustomHeaders"]}
    secret = {
        name
        for name, item in headers.items()
        if item["HeaderValue"].text.startswith(SECRETS) or item["HeaderValue"].targets()
    }
    ways = list(forwards(origin.resolved))
    return bool(ways) and all(
        condition["HttpHeaderConfig"]["HttpHeaderName"].text.lower() in secret
        for action, _ in ways
        for condition in list(place(origin.resolved, action.resource)["Conditions"]) or [action]
    )


def _siblings(action: Place) -> list[Place]:
    owner = place(action.resolved, action.resource)
    return list(owner["DefaultActions" if owner.resource.type == LISTENER else "Actions"])


def _reaches_provider(listener: Place) -> bool:
    balancer = listener["LoadBalancerArn"].target
    if balancer is None:
        return False
    groups = groups_of(place(listener.resolved, balancer)["SecurityGroups"])
    return any(lets_out(listener.resolved, group, HTTPS, []) for group in groups)
