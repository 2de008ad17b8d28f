"""What people are told: stopped tasks, by mail, at one glance; and the topic in between."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from parity.template.place import Fault, Place, place, places
from parity.template.rules.metrics import METRICS
from parity.template.rules.reading import ALARM, SERVICE, TOPIC

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.template.values import Resolved


def task_stops_reported(resolved: Resolved) -> Iterator[Fault]:
    """Why a task stopped is told once, in an event; nobody can look it up an hour later."""
    stops = [
        rule
        for rule in places(resolved, "AWS::Events::Rule")
        if "ECS Task State Change" in rule["EventPattern"]["detail-type"].texts
        and "STOPPED" in rule["EventPattern"]["detail"]["lastStatus"].texts
        and rule["State"].text in {"", "ENABLED"}
        and rule["Targets"].targets(TOPIC)
    ]
    for service in places(resolved, SERVICE):
        if not stops:
            yield service.fault("an event rule for STOPPED tasks, with the topic as target")


def mailed_when_asked(resolved: Resolved) -> Iterator[Fault]:
    """Whoever gives an address for alarms expects them there; an empty one is refused."""
    address = resolved.parameters.get("AlarmEmail")
    subscriptions = list(places(resolved, "AWS::SNS::Subscription"))
    for subscription in subscriptions:
        if not subscription["Endpoint"].text or not subscription["TopicArn"].targets(TOPIC):
            yield subscription["Endpoint"].fault("an address, and the topic")
    if address and address not in [item["Endpoint"].text for item in subscriptions]:
        for topic in places(resolved, TOPIC):
            yield topic.fault(f"a subscription for AlarmEmail, {address}")


def topic_takes_them(resolved: Resolved) -> Iterator[Fault]:
    """A topic takes events and alarms only from services that its policy names."""
    senders = {
        "events.amazonaws.com": [
            place(resolved, topic)
            for rule in places(resolved, "AWS::Events::Rule")
            for topic in rule["Targets"].targets(TOPIC)
        ],
        "cloudwatch.amazonaws.com": [
            place(resolved, topic)
            for alarm in places(resolved, ALARM)
            for topic in alarm["AlarmActions"].targets(TOPIC)
        ],
    }
    policies = list(places(resolved, "AWS::SNS::TopicPolicy"))
    for service, topics in senders.items():
        for topic in {found.resource.logical_id: found for found in topics}.values():
            own = [item for item in policies if topic.resource in item["Topics"].targets()]
            named = any(
                service in statement["Principal"]["Service"].texts
                for policy in own
                for statement in policy["PolicyDocument"]["Statement"]
            )
            # Without any policy of its own a topic takes this account's alarms, but no events.
            if not named and (own or service.startswith("events")):
                yield topic.fault(f"a topic policy that lets {service} publish")


def dashboard(resolved: Resolved) -> Iterator[Fault]:
    """A dashboard's body is JSON in a text, which nobody checks before it is too late."""
    for board in places(resolved, "AWS::CloudWatch::Dashboard"):
        body = board["DashboardBody"]
        try:
            widgets = json.loads(body.text).get("widgets")
        except (ValueError, AttributeError):
            widgets = None
        if not widgets:
            yield body.fault("a JSON object with widgets")
            continue
        for widget in widgets:
            yield from _unknown_metrics(body, widget.get("properties", {}).get("metrics", []))


def _unknown_metrics(body: Place, metrics: list[list[object]]) -> Iterator[Fault]:
    """Yield metrics of a widget that no service has; '.' repeats what stands above."""
    space = ""
    for row in metrics:
        if not row or not isinstance(row[0], str):
            continue  # an expression
        space = space if row[0] == "." else row[0]
        name = str(row[1])
        if space in METRICS and name not in METRICS[space]:
            yield Fault(body.resource.logical_id, body.path, name, f"a metric of {space}")
