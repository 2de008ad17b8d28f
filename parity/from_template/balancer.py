"""The load balancer of a template as nginx/attributes.json has it: target group and listeners."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parity.project import ROOT
from parity.template.rules.reading import (
    LISTENER,
    attributes,
    balancers_of,
    forwards,
    listener_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parity.from_template.source import Source
    from parity.template.place import Place

NGINX = ROOT / "nginx"
OWN = NGINX / "attributes.json"
Value = str | int | bool
# Where a template says nothing: the API's own defaults.
TARGET_GROUP: Mapping[str, Value] = {
    "HealthCheckPath": "/",
    "HealthCheckIntervalSeconds": 30,
    "HealthCheckTimeoutSeconds": 5,
    "HealthyThresholdCount": 5,
    "UnhealthyThresholdCount": 2,
    "Matcher": "200",
    "deregistration_delay.timeout_seconds": 300,
    "slow_start.duration_seconds": 0,
    "load_balancing.algorithm.type": "round_robin",
    "stickiness.enabled": False,
    "stickiness.type": "lb_cookie",
    "stickiness.lb_cookie.duration_seconds": 86400,
}
LOAD_BALANCER: Mapping[str, Value] = {
    "idle_timeout.timeout_seconds": 60,
    "client_keep_alive.seconds": 3600,
    "routing.http.preserve_host_header.enabled": False,
    "routing.http.xff_header_processing.mode": "append",
    "routing.http.drop_invalid_header_fields.enabled": False,
    "routing.http.desync_mitigation_mode": "defensive",
}
# What nginx is built to do, whatever attributes.json says.
BUILT_IN = [name for name in LOAD_BALANCER if name.startswith("routing.")]
# What nginx can do of that which has several forms.
CAN = {
    "stickiness.type": ("lb_cookie",),
    "load_balancing.algorithm.type": ("round_robin", "least_outstanding_requests"),
}
# Of a target group, what nginx takes for granted; anything else cannot be run here.
FIXED = {
    "Protocol": ("HTTP",),
    "ProtocolVersion": ("HTTP1",),
    "TargetType": ("ip",),
    "HealthCheckProtocol": ("HTTP",),
    "HealthCheckPort": ("traffic-port",),
    "HealthCheckEnabled": ("true",),
}


@dataclass(frozen=True)
class LoadBalancing:
    """What nginx is given. attributes: in the form of nginx/attributes.json.

    https: whether there is an HTTPS listener. ignored: attributes that say what nginx does
    otherwise, or knows nothing of, each as 'name: value', in the order in which they are written.
    """

    attributes: Mapping[str, Mapping[str, Value]]
    https: bool
    ignored: tuple[str, ...]

    @property
    def sticky(self) -> bool:
        """Whether a browser keeps to one task."""
        return bool(self.attributes["target_group"]["stickiness.enabled"])

    @property
    def text(self) -> str:
        """The file for nginx, whose shell reads it line by line."""
        return json.dumps(self.attributes, indent=2) + "\n"


def balancing_of(source: Source) -> LoadBalancing:
    """Return the load balancer before a service.

    Raises ParityError with file and line for what nginx cannot do of the target group, and where no
    listener sends anything there.
    """
    group, ignored_of_group = _target_group(source)
    balancers = balancers_of(source.resolved, source.group.resource)
    if not balancers:
        raise source.error(
            source.group.resource, "", "no listener forwards to it, so nobody reaches a task"
        )
    balancer, unknown = _laid_over(LOAD_BALANCER, balancers[0], "LoadBalancerAttributes")
    own: dict[str, Any] = json.loads(OWN.read_text())
    built_in = own["load_balancer"]
    otherwise = [name for name in BUILT_IN if balancer[name] != built_in[name]]
    ignored_of_balancer = [*unknown, *(f"{name}: {_text(balancer[name])}" for name in otherwise)]
    balancer |= {name: built_in[name] for name in otherwise}
    secure = next((each for each in _listeners(source) if each["Protocol"].text == "HTTPS"), None)
    listener: dict[str, Value] = own["listener"]
    if secure is not None:
        listener = listener | {"SslPolicy": _policy(source, secure, str(listener["SslPolicy"]))}
    return LoadBalancing(
        {"load_balancer": balancer, "listener": listener, "target_group": group},
        https=secure is not None,
        ignored=(*ignored_of_balancer, *ignored_of_group),
    )


def _target_group(source: Source) -> tuple[dict[str, Value], tuple[str, ...]]:
    where = source.group
    for name, can in FIXED.items():
        if where[name] and where[name].text not in can:
            raise source.error_at(where[name], f"'{where[name].text}' cannot be run here")
    found, ignored = _laid_over(TARGET_GROUP, where, "TargetGroupAttributes")
    for name, default in TARGET_GROUP.items():
        if "." not in name and name != "Matcher" and where[name]:
            found[name] = _typed(where[name], default)
    if where["Matcher"]["HttpCode"]:
        found["Matcher"] = where["Matcher"]["HttpCode"].text
    for name, forms in CAN.items():
        if found[name] not in forms:
            at = attributes(where, "TargetGroupAttributes").get(name, where)
            raise source.error_at(at, f"'{found[name]}' cannot be run here")
    # ECS registers each task with the container's port, and the group's own counts for nothing.
    port = int(source.entry["ContainerPort"].number or 0)
    return {"Port": port, **found}, ignored


def _laid_over(
    defaults: Mapping[str, Value], owner: Place, key: str
) -> tuple[dict[str, Value], tuple[str, ...]]:
    said = attributes(owner, key)
    known = {
        name: _typed(value, defaults[name]) for name, value in said.items() if name in defaults
    }
    unknown = tuple(f"{name}: {value.text}" for name, value in said.items() if name not in defaults)
    return {**defaults, **known}, unknown


def _typed(where: Place, default: Value) -> Value:
    if isinstance(default, bool):
        return where.true
    if isinstance(default, int):
        return int(where.number or 0)
    return where.text


def _listeners(source: Source) -> list[Place]:
    to_group = [action for action, to in forwards(source.resolved) if to == source.group.resource]
    found = [listener_of(action) for action in to_group]
    return [each for each in found if each is not None and each.resource.type == LISTENER]


def _policy(source: Source, listener: Place, default: str) -> str:
    policy = listener["SslPolicy"].text or default
    if not (NGINX / f"{policy}.conf").is_file():
        raise source.error_at(listener["SslPolicy"], f"the policy '{policy}' cannot be run here")
    return policy


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
