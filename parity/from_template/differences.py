"""What is not as in the template: what is meant to differ, and what no engine can do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.from_template import model
from parity.from_template.task import NOT_RUN
from parity.template.values import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from parity.from_template.balancer import LoadBalancing
    from parity.from_template.source import Source

# Types that are executed here, each by a part of the stack.
RUN = frozenset(
    {
        "AWS::ECS::Service",
        "AWS::ECS::TaskDefinition",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AWS::ElasticLoadBalancingV2::Listener",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "AWS::EFS::AccessPoint",
        "AWS::SecretsManager::Secret",
    }
)
# Why the others are not, by the service of AWS.
WHY: Mapping[str, str] = {
    "ApplicationAutoScaling": "nothing scales: as many tasks run as at the start; parity scale N",
    "CloudFront": "nothing stands before the load balancer",
    "CloudWatch": "nobody measures, and no alarm rings",
    "EC2": "the network is one of Compose's, in which everybody reaches everybody",
    "ECS": "the engine is the cluster; no Container Insights",
    "EFS": "a folder of this machine stands in for it; --efs gives it EFS semantics",
    "ElasticLoadBalancingV2": "nginx has the default action of one listener",
    "Events": "nobody is told that a task stopped",
    "IAM": "nobody is asked for rights: neither the task nor whoever starts it",
    "Logs": "logs stay with the engine: parity logs",
    "S3": "nginx writes its access log to stdout",
    "SNS": "no alarm rings",
    "WAFv2": "nothing stands before the load balancer",
}
NO_ENGINE = "no engine on this machine has it"
OF_A_TASK: Mapping[str, str] = {
    "NetworkMode": "Compose's network in place of awsvpc: a task has an address, no interface of"
    " its own in a subnet, and no security group",
    "TaskRoleArn": "nobody is asked for rights",
    "ExecutionRoleArn": "nobody is asked for rights",
    "EphemeralStorage": "the engine does not limit it",
    "Tags": "they have no meaning here",
    "EnableFaultInjection": "parity kill, pause, cut and efs do that",
}


@dataclass(frozen=True)
class Difference:
    """Something that is not as in the template.

    what: its name there. here: what it is on this machine. why: the reason.
    """

    what: str
    here: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.here} ({self.why})" if self.why else f"{self.what}: {self.here}"


def meant(
    source: Source, wanted: model.Wanted, balancing: LoadBalancing, *, https: bool
) -> Iterator[Difference]:
    """Yield what is meant to differ, each with its reason. https: whether the stack speaks it."""
    if model.is_built(wanted.plan):
        yield Difference("image", "built of this checkout", "what passes is promoted by its digest")
    yield Difference(
        model.LOCAL[0], "the stand-in for Bedrock", "BEDROCK_ENDPOINT= asks the real one"
    )
    yield Difference(
        ", ".join(model.LOCAL[1:]),
        "those of the environment, or made up",
        "Fargate gives the task role's by an address of its own",
    )
    resolved = source.resolved
    yield Difference(
        "AWS::StackName, AWS::Region",
        f"{resolved.stack_name}, {resolved.region}",
        "the Compose project stands for the stack",
    )
    if wanted.secrets:
        yield Difference(
            "secrets", "from files of .parity/from-template/", "as Secrets Manager gives them"
        )
    if wanted.plan.arguments["healthcheck"]["test"] != ["NONE"]:
        yield Difference(
            "health check", "each second until it first passes", "so that `up` is not longer"
        )
    yield Difference(
        "a task that ends", "is started again", "the service would start another in its place"
    )
    own = str(wanted.plan.arguments.get("user", ""))
    if (user := model.runs_as(wanted)) != own:
        yield Difference(
            f"user {own or 'of the image'}",
            f"the whole task runs as {user}",
            "a plain folder has no access point to make that user of it; --efs has",
        )
    for name, value in wanted.plan.arguments["environment"].items():
        if PLACEHOLDER.search(value):
            yield Difference(f"environment {name}", value, "only the deployed resource can tell")
    yield Difference(
        "listener", "on loopback, at PORT or HTTPS_PORT", "its port would need root, and is public"
    )
    if https and not balancing.https:
        yield Difference(
            "HTTPS", "nginx speaks it all the same", "--https asks for it, and no listener does"
        )
    if https:
        yield Difference(
            "certificate, Strict-Transport-Security",
            "by an authority of the stack's own; max-age=0",
            "see nginx/README.md",
        )


def not_run(source: Source, balancing: LoadBalancing, *, efs: bool) -> Iterator[Difference]:
    """Yield what the template says and nothing here does, each type that is not in RUN among it."""
    properties = source.task.resource.properties
    for name, why in OF_A_TASK.items():
        if name in properties or name not in (*NOT_RUN, "ExecutionRoleArn", "TaskRoleArn"):
            yield Difference(name, why, "")
    if properties.get("Volumes"):
        access = "the folder needs neither TLS nor rights"
        yield Difference("TransitEncryption, IAM authorization", access, "")
    if source.container["LogConfiguration"]:
        yield Difference("LogConfiguration", WHY["Logs"], "")
    yield Difference(
        "rollout, placement and circuit breaker of the service",
        "one task is tried first; then Compose replaces all",
        "",
    )
    for each in balancing.ignored:
        yield Difference(f"attribute {each}", "nginx does not do so", "")
    kinds = Counter(
        found.type.split("::")[1]
        for found in source.resolved.resources.values()
        if found.type not in RUN
    )
    for kind, count in sorted(kinds.items()):
        why = WHY.get(kind, NO_ENGINE)
        if kind == "EFS" and efs:
            why = "an imitation of it: see README, What local cannot prove"
        yield Difference(f"{kind} ({count})", why, "")
