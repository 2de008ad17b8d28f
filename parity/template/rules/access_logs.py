"""The load balancer's access logs: that they are written, by whom, and for how long they stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.template.place import place, places
from parity.template.rules.policies import anybody, denials, matches, without_tls
from parity.template.rules.reading import LOAD_BALANCER, attributes, not_retained

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.template.place import Fault, Place
    from parity.template.values import Resolved

BUCKET = "AWS::S3::Bucket"
WRITING = "s3:PutObject"
USES = ("s3:GetObject", WRITING, "s3:ListBucket")


def written(resolved: Resolved) -> Iterator[Fault]:
    """Without access logs nobody can tell afterwards who was answered what."""
    for balancer in places(resolved, LOAD_BALANCER):
        known = attributes(balancer, "LoadBalancerAttributes")
        enabled, bucket = known.get("access_logs.s3.enabled"), known.get("access_logs.s3.bucket")
        if enabled is None or not enabled.true or bucket is None:
            yield balancer["LoadBalancerAttributes"].fault("access_logs.s3.enabled and a bucket")
        elif bucket.target and not _deliverable(place(resolved, bucket.target)):
            yield bucket.fault("a bucket whose policy lets the load balancer write")


def private_buckets(resolved: Resolved) -> Iterator[Fault]:
    """Access logs tell who chatted when: a bucket for them is closed to the public."""
    for bucket in places(resolved, BUCKET):
        block = bucket["PublicAccessBlockConfiguration"]
        for name in ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls"):
            if not block[name].true:
                yield block[name].fault("true")
        if not block["RestrictPublicBuckets"].true:
            yield block["RestrictPublicBuckets"].fault("true")


def kept(resolved: Resolved) -> Iterator[Fault]:
    """S3 deletes no bucket that holds anything: deleting the stack would fail half-way."""
    for bucket in places(resolved, BUCKET):
        yield from not_retained(bucket)


def written_only(resolved: Resolved) -> Iterator[Fault]:
    """Access logs tell who chatted when: load balancing writes them, nobody is given more."""
    for bucket in _buckets(resolved):
        for statement in _policy(bucket):
            if statement["Effect"].text != "Allow":
                continue
            if anybody(statement):
                yield statement["Principal"].fault("the service that delivers logs")
            if statement["Action"].texts != (WRITING,):
                yield statement["Action"].fault(WRITING)


def sent_encrypted(resolved: Resolved) -> Iterator[Fault]:
    """S3 answers without TLS, too, unless a bucket's policy denies it for all that is in it."""
    for bucket in _buckets(resolved):
        arn = f"${{{bucket.resource.logical_id}.Arn}}"
        whole = {arn, f"{arn}/*"}
        if not any(
            without_tls(statement) and whole <= {*statement["Resource"].texts}
            for statement in denials(_policy(bucket), USES)
        ):
            yield bucket.fault("a policy that denies all where aws:SecureTransport is false")


def _buckets(resolved: Resolved) -> Iterator[Place]:
    for balancer in places(resolved, LOAD_BALANCER):
        named = attributes(balancer, "LoadBalancerAttributes").get("access_logs.s3.bucket")
        if named and named.target:
            yield place(resolved, named.target)


def _policy(bucket: Place) -> Iterator[Place]:
    for policy in places(bucket.resolved, "AWS::S3::BucketPolicy"):
        if policy["Bucket"].target == bucket.resource:
            yield from policy["PolicyDocument"]["Statement"]


def _deliverable(bucket: Place) -> bool:
    return any(
        statement["Effect"].text == "Allow" and matches(statement["Action"], WRITING)
        for statement in _policy(bucket)
    )
