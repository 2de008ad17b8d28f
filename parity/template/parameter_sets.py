"""The sets of parameters in which a template is looked at: every pair of choices is in one."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from parity.template.values import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from parity.template.load import Template

Choice = dict[str, str]  # parameters that make sense only together
Row = tuple[int, ...]  # one choice of every dimension
Pair = tuple[tuple[int, int], tuple[int, int]]  # two of (dimension, choice)
LONG = 6  # choices; a longer list is a scale, whose steps differ in nothing else
DIGEST = "0123456789abcdef" * 4
ARN = "arn:aws:{}:us-east-1:123456789012:{}"
CERTIFICATE = ARN.format("acm", "certificate/01234567-89ab-cdef-0123-456789abcdef")
ALWAYS: Choice = {
    # Told apart from everything else in the template, so that a use of them is seen.
    "ImageUri": f"123456789012.dkr.ecr.us-east-1.amazonaws.com/chat@sha256:{DIGEST}",
    "Receipt": "20260101t000000-receipt",
}
EXISTING_VPC: Choice = {
    "VpcId": "vpc-0123456789abcdef0",
    "VpcCidr": "172.31.0.0/16",
    "PublicSubnetIds": "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
    "PrivateSubnetIds": "subnet-0123456789abcdef2,subnet-0123456789abcdef3",
}
HTTPS: Choice = {"CertificateArn": CERTIFICATE, "DomainName": "chat.example.com"}
SIGN_IN: Choice = HTTPS | {
    "OidcIssuer": "https://idp.example.com",
    "OidcClientId": "chat",
    "OidcClientSecretArn": ARN.format("secretsmanager", "secret:oidc-AbCdEf"),
    "OidcAuthorizationEndpoint": "https://idp.example.com/authorize",
    "OidcTokenEndpoint": "https://idp.example.com/token",
    "OidcUserInfoEndpoint": "https://idp.example.com/userinfo",
}
EDGE: Choice = {"CloudFront": "on", "CloudFrontPrefixListId": "pl-0123456789abcdef0"}
DIMENSIONS: tuple[tuple[Choice, ...], ...] = (
    ({}, EXISTING_VPC, {"Egress": "VpcEndpoints"}),
    ({}, {"DomainName": "chat.example.com"}, HTTPS, SIGN_IN, EDGE),
    ({}, {"AllowedCidr": "203.0.113.0/24"}),
    ({}, {"BedrockModelIds": "eu.amazon.nova-lite-v1:0,amazon.nova-micro-v1:0"}),
    ({}, {"MinTasks": "1", "MaxTasks": "1"}, {"BusinessHoursMinTasks": "4"}),
    ({}, {"AlarmEmail": "ops@example.com"}),
    ({}, {"RepositoryArn": ARN.format("ecr", "repository/chat")}),
    ({}, {"PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/boundary"}),
    (
        {},
        {"DrainSeconds": "0", "StopTimeoutSeconds": "2"},
        {"DrainSeconds": "3600", "StopTimeoutSeconds": "120"},
    ),
)


def parameter_sets(template: Template, refused: Callable[[Choice], bool]) -> Iterator[Choice]:
    """Yield sets that together hold every pair of choices that the template does not refuse.

    Choices are those above, as far as the template has their parameters, and all AllowedValues; of
    a long list each value once is enough. The first set is the defaults. refused: tells whether
    the template's own rules forbid a set.
    """
    declared = template.section("Parameters")
    fixed = {name: value for name, value in ALWAYS.items() if name in declared}
    dimensions = _dimensions(declared)
    wanted = _wanted(dimensions)
    row: Row | None = (0,) * len(dimensions)
    while True:
        if row:
            wanted -= _covered(row)
            yield fixed | _merged(row, dimensions)
        if not wanted:
            return
        seed = min(wanted)
        wanted.discard(seed)
        row = _grown(
            seed, dimensions, wanted, lambda row: refused(fixed | _merged(row, dimensions))
        )


def _dimensions(declared: Mapping[str, object]) -> list[tuple[Choice, ...]]:
    """Return the choices that this template offers, the default first in each dimension."""
    found: list[tuple[Choice, ...]] = []
    named: set[str] = set()
    for dimension in DIMENSIONS:
        choices: list[Choice] = []
        for choice in dimension:
            usable = {name: value for name, value in choice.items() if name in declared}
            if usable not in choices:
                choices.append(usable)
            named |= set(usable)
        found.append(tuple(choices))
    for name, body in declared.items():
        allowed = body.get("AllowedValues") if isinstance(body, dict) else None
        if isinstance(allowed, list) and name not in named:
            default = text_of(body.get("Default")) if isinstance(body, dict) else None
            texts = [text for value in allowed if (text := text_of(value)) is not None]
            first: list[Choice] = [] if default is None else [{}]
            found.append((*first, *({name: text} for text in texts if text != default)))
    return [choices for choices in found if len(choices) > 1]


def _wanted(dimensions: Sequence[tuple[Choice, ...]]) -> set[Pair]:
    short = [index for index, choices in enumerate(dimensions) if len(choices) <= LONG]
    pairs = {
        ((one, left), (other, right))
        for one, other in combinations(short, 2)
        for left in range(len(dimensions[one]))
        for right in range(len(dimensions[other]))
    }
    alone = {
        ((index, choice), (index, choice))
        for index, choices in enumerate(dimensions)
        for choice in range(len(choices))
    }
    return pairs | alone


def _covered(row: Row) -> set[Pair]:
    picked = list(enumerate(row))
    return {*combinations(picked, 2), *((one, one) for one in picked)}


def _grown(
    seed: Pair,
    dimensions: Sequence[tuple[Choice, ...]],
    wanted: set[Pair],
    refused: Callable[[Row], bool],
) -> Row | None:
    """Return a row with both choices of the seed and much else that is wanted, if there is one."""
    row = [0] * len(dimensions)
    for dimension, choice in seed:
        row[dimension] = choice
    if refused(tuple(row)):
        return None
    kept = {dimension for dimension, _ in seed}
    for dimension in [index for index in range(len(dimensions)) if index not in kept]:
        rows = [
            (*row[:dimension], choice, *row[dimension + 1 :])
            for choice in range(len(dimensions[dimension]))
        ]
        gains = sorted(rows, key=lambda some: -len(_covered(some) & wanted))
        row = list(next(some for some in gains if not refused(some)))
    return tuple(row)


def _merged(row: Row, dimensions: Sequence[tuple[Choice, ...]]) -> Choice:
    merged: Choice = {}
    for index, choice in enumerate(row):
        merged |= dimensions[index][choice]
    return merged
