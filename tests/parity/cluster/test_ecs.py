"""The driver does to the tasks of a service in AWS what the Compose driver does to containers.

AWS is moto's. It keeps tasks, addresses, targets, logs and scalable targets, but runs no service
scheduler: while the driver waits, `Scheduler.work` does, through the same API, what ECS would do.
Every registered target is healthy in moto and every stop immediate, so what becomes of a task on
its way is proven in test_task.py, on the shapes that the services document.
"""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from parity.cluster import waiting
from parity.cluster.ecs import Ecs
from parity.cluster.service import find_service, service_of
from parity.errors import ParityError, UsageError
from tests.parity.cluster.ecs_world import RESOURCE, SERVICE, STACK, URL, Scheduler

if TYPE_CHECKING:
    from parity.aws.account import Account
    from parity.cluster.protocol import Cluster

SUSPENSIONS = {"DynamicScalingIn", "DynamicScalingOut", "ScheduledScaling"}


@pytest.fixture
def cluster(account: Account, service: Scheduler) -> Cluster:
    """Give the driver of the stack's service."""
    assert len(service.running()) == 2
    return Ecs(account, find_service(account, STACK))


def test_replicas_are_the_tasks_behind_the_load_balancer(
    cluster: Cluster, service: Scheduler
) -> None:
    """Running, healthy, named as their containers name themselves."""
    replicas = cluster.replicas()
    assert [each.number for each in replicas] == [1, 2]
    assert {(each.state, each.health) for each in replicas} == {("running", "healthy")}
    expected = {f"ip-{address.replace('.', '-')}" for address in service.addresses()}
    assert {each.hostname.partition(".")[0] for each in replicas} == expected


def test_replica_is_found_by_number_host_name_and_task_id(cluster: Cluster) -> None:
    """A page shows the host name, the console the id."""
    second = cluster.replicas()[1]
    assert cluster.serving(2) == cluster.serving(second.hostname) == cluster.serving(second.name)
    assert cluster.serving(second.hostname.partition(".")[0]) == second


@pytest.mark.parametrize("which", [3, "3", "ip-10-9-9-9.ec2.internal", ""])
def test_unknown_replica_is_quoted_beside_those_there_are(
    cluster: Cluster, service: Scheduler, which: int | str
) -> None:
    """Nothing is done to any other."""
    before = service.running()
    with pytest.raises(UsageError, match=f"'{which}'") as caught:
        cluster.kill(which)
    assert all(each.hostname in caught.value.what for each in cluster.replicas())
    assert service.running() == before


def test_url_is_the_output_of_the_stack(cluster: Cluster) -> None:
    """Which may be the load balancer's, a distribution's or a domain of one's own."""
    assert cluster.url() == Ecs.of_stack(STACK).url() == URL


def test_stack_that_is_not_there_is_one_clear_error(cluster: Cluster) -> None:
    """Not a traceback of boto3's."""
    assert cluster.replicas()
    with pytest.raises(ParityError, match="there is no stack 'nowhere'"):
        Ecs.of_stack("nowhere")


def test_stack_of_another_kind_is_told_by_its_missing_outputs() -> None:
    """Someone else's, or one whose first deploy failed."""
    with pytest.raises(ParityError, match="'web' has no output ClusterName, TargetGroupArn"):
        service_of("web", {"Url": "http://x", "ServiceName": "s"})


def test_service_that_is_gone_is_told_from_a_wrong_number(
    cluster: Cluster, service: Scheduler
) -> None:
    """The next step differs."""
    service.ecs.delete_service(cluster="chat-cluster", service="chat-service", force=True)
    with pytest.raises(ParityError, match="'chat-cluster' has no service 'chat-service'") as caught:
        cluster.replicas()
    assert "parity status" in caught.value.hint


@pytest.mark.parametrize("verb", ["kill", "stop"])
def test_ended_task_is_still_told_of_until_it_is_replaced(
    cluster: Cluster, service: Scheduler, verb: str
) -> None:
    """By the number and the host name it had; its place is taken by one with a new number."""
    service.replaces = False
    ended = cluster.serving(1)
    getattr(cluster, verb)(1)
    assert cluster.serving(1).state == cluster.serving(ended.hostname).state == "exited"
    assert cluster.serving(1).health == ""
    assert [each.number for each in cluster.replicas()] == [1, 2]

    service.replaces = True
    service.work()
    assert [each.number for each in cluster.replicas()] == [2, 3]
    assert cluster.serving(ended.hostname).state == "exited"


def test_start_waits_for_the_replacement_of_what_ended(
    cluster: Cluster, service: Scheduler
) -> None:
    """Nobody can start a stopped task; ECS runs another."""
    cluster.kill(1)
    assert len(service.running()) == 1
    cluster.start(1)
    assert len(service.running()) == 2
    cluster.wait_healthy(timeout=5, only=1)


def test_restart_ends_one_task_and_waits_for_another(cluster: Cluster, service: Scheduler) -> None:
    """The other is left alone."""
    before = service.running()
    cluster.restart(1)
    assert len(service.running()) == 2
    assert len(set(before) & set(service.running())) == 1


@pytest.mark.parametrize("verb", ["pause", "unpause", "cut", "reconnect"])
def test_what_fargate_cannot_do_is_said_so(cluster: Cluster, verb: str) -> None:
    """And is in no set of abilities, so that a test can know before."""
    assert cluster.abilities == frozenset()
    with pytest.raises(ParityError, match=f"ECS cannot {verb} a task"):
        getattr(cluster, verb)(1)


def test_scale_suspends_auto_scaling_and_mend_brings_both_back(
    cluster: Cluster, service: Scheduler
) -> None:
    """Nothing scales back what a test has scaled; minimum and maximum are the template's."""
    before = service.running()
    cluster.scale(4)
    assert set(before) < set(service.running())
    assert len(cluster.replicas()) == 4
    target = service.scalable_target()
    assert target["SuspendedState"] == {f"{name}Suspended": True for name in SUSPENSIONS}
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 10)

    cluster.scale(1)
    cluster.mend()
    assert service.service()["desiredCount"] == len(service.running()) == 2
    target = service.scalable_target()
    assert target["SuspendedState"] == {f"{name}Suspended": False for name in SUSPENSIONS}
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 10)


def test_mend_leaves_suspended_what_was_suspended_before(
    cluster: Cluster, service: Scheduler
) -> None:
    """Somebody had a reason."""
    given = {f"{name}Suspended": name == "ScheduledScaling" for name in SUSPENSIONS}
    service.scaling.register_scalable_target(**RESOURCE, SuspendedState=given)
    cluster.scale(3)
    cluster.mend()
    assert service.scalable_target()["SuspendedState"] == given


def test_service_without_auto_scaling_scales_too(cluster: Cluster, service: Scheduler) -> None:
    """And gets none by it."""
    service.scaling.deregister_scalable_target(**RESOURCE)
    cluster.scale(3)
    cluster.mend()
    assert len(service.running()) == 2
    described = service.scaling.describe_scalable_targets(ServiceNamespace="ecs")
    assert described["ScalableTargets"] == []


def test_mend_changes_nothing_that_was_not_scaled(cluster: Cluster, service: Scheduler) -> None:
    """What auto scaling has decided meanwhile is not undone."""
    service.ecs.update_service(**SERVICE, desiredCount=3)
    cluster.mend()
    assert service.service()["desiredCount"] == len(service.running()) == 3


@pytest.mark.parametrize("number", [0, -1, 51])
def test_scale_refuses_what_the_local_stack_refuses(
    cluster: Cluster, service: Scheduler, number: int
) -> None:
    """Before anything is suspended."""
    with pytest.raises(UsageError, match=f"'{number}'"):
        cluster.scale(number)
    assert not any(service.scalable_target().get("SuspendedState", {}).values())


def test_redeploy_replaces_every_task(cluster: Cluster, service: Scheduler) -> None:
    """Of the same task definition; returns when the new ones are healthy and the old ones gone."""
    before, definition = service.running(), service.service()["taskDefinition"]
    cluster.redeploy()
    assert len(service.running()) == 2
    assert not set(before) & set(service.running())
    assert service.service()["taskDefinition"] == definition
    assert {each.health for each in cluster.replicas()} == {"healthy"}


def test_redeploy_of_an_image_that_nobody_tested_is_refused(
    cluster: Cluster, service: Scheduler
) -> None:
    """Nothing is built here, and no task is replaced."""
    before = service.running()
    with pytest.raises(ParityError, match="only a tested image"):
        cluster.redeploy("RUN true")
    assert service.running() == before


def test_redeploy_that_another_overtakes_has_failed(
    cluster: Cluster, service: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its end would never come: a roll-back, or somebody else's deploy, is said at once."""

    def deploy_too(_seconds: float) -> None:
        service.ecs.update_service(**SERVICE, forceNewDeployment=True)

    clock = SimpleNamespace(monotonic=time.monotonic, sleep=deploy_too)
    monkeypatch.setattr(waiting, "time", clock)
    with pytest.raises(ParityError, match=r"the deployment ecs-svc/.* failed: it was replaced"):
        cluster.redeploy()


def test_logs_are_those_of_the_one_task(cluster: Cluster, service: Scheduler) -> None:
    """All, the last lines, or none."""
    first, second = cluster.replicas()
    service.write(first.name, "one", "two", "three")
    service.write(second.name, "other")
    assert cluster.logs(1) == "one\ntwo\nthree\n"
    assert cluster.logs(1, tail=2) == "two\nthree\n"
    assert cluster.logs(1, tail=0) == ""
    assert cluster.logs(1, tail=20_000) == "one\ntwo\nthree\n"
    assert cluster.logs(second.hostname) == "other\n"


def test_log_of_many_pages_is_whole(cluster: Cluster, service: Scheduler) -> None:
    """CloudWatch Logs gives at most 10,000 events at a time."""
    lines = [f"line {number}" for number in range(10_050)]
    service.write(cluster.replicas()[0].name, *lines)
    assert cluster.logs(1).splitlines() == lines
    assert cluster.logs(1, tail=10_001).splitlines() == lines[-10_001:]


def test_task_that_has_not_written_yet_has_an_empty_log(cluster: Cluster) -> None:
    """Its stream does not exist; that is no error."""
    assert cluster.logs(1) == cluster.logs(1, tail=5) == ""
    assert cluster.replicas()[0].sessions == 0


def test_sessions_are_counted_from_the_log(cluster: Cluster, service: Scheduler) -> None:
    """Distinct ones, and only what the app says, not what a user types."""
    event = '{"event": "session_opened", "session": "%s"}'
    lines = [event % "a", event % "a", "session_opened, said someone", event % "b"]
    service.write(cluster.replicas()[0].name, *lines)
    assert [each.sessions for each in cluster.replicas()] == [2, 0]


def test_wait_healthy_reports_the_last_state_seen(cluster: Cluster, service: Scheduler) -> None:
    """A task that has no target yet has not passed one check."""
    sick = cluster.serving(1)
    (address,) = (each for each in service.addresses() if each.replace(".", "-") in sick.hostname)
    service.deregister(address)
    with pytest.raises(ParityError, match=f"not healthy within 0 s: {sick.hostname}: running star"):
        cluster.wait_healthy(timeout=0)
    with pytest.raises(ParityError, match=sick.hostname):
        cluster.wait_healthy(timeout=0, only=1)
    cluster.wait_healthy(timeout=0, only=2)


def test_wait_healthy_misses_a_task_that_is_not_there(cluster: Cluster, service: Scheduler) -> None:
    """All that are there being healthy is not enough."""
    service.replaces = False
    cluster.kill(1)
    with pytest.raises(ParityError, match="1 of 2 tasks"):
        cluster.wait_healthy(timeout=0)


def test_task_is_out_of_rotation_when_its_target_is_gone(
    cluster: Cluster, service: Scheduler
) -> None:
    """And not before."""
    with pytest.raises(ParityError, match=r"not taken out of rotation within 0 s.*is healthy"):
        cluster.wait_out_of_rotation(1, timeout=0)
    (address,) = (
        each
        for each in service.addresses()
        if each.replace(".", "-") in cluster.serving(1).hostname
    )
    service.deregister(address)
    cluster.wait_out_of_rotation(1, timeout=0)


@pytest.mark.parametrize("value", ["true", "false"])
def test_stickiness_is_read_from_the_target_group(
    cluster: Cluster, service: Scheduler, value: str
) -> None:
    """As it is now, not as a template says."""
    service.elb.modify_target_group_attributes(
        TargetGroupArn=service.target_group,
        Attributes=[{"Key": "stickiness.enabled", "Value": value}],
    )
    assert isinstance(cluster, Ecs)
    assert cluster.is_sticky() == (value == "true")


def test_targets_are_told_with_the_tasks_that_they_are(
    cluster: Cluster, service: Scheduler
) -> None:
    """As the console shows them."""
    numbers = {each.hostname: each.number for each in cluster.replicas()}
    found = cluster.targets()
    assert [each.address for each in found] == sorted(service.addresses())
    assert {(each.state, each.port) for each in found} == {("healthy", 8501)}
    assert {each.hostname: each.replica for each in found} == numbers


def test_task_leaves_the_target_group_and_comes_back(cluster: Cluster, service: Scheduler) -> None:
    """The other one stays."""
    first = next(each for each in cluster.targets() if each.replica == 1)
    cluster.deregister(1)
    assert first.address not in service.registered()
    assert len(service.registered()) == 1
    cluster.register(1)
    assert {each.address for each in cluster.targets()} == set(service.addresses())
    cluster.deregister(1)
    cluster.mend()
    assert service.registered() == set(service.addresses())
    assert next(each for each in cluster.targets() if each.replica == 1).port == first.port


def test_attributes_are_changed_in_the_words_of_aws(cluster: Cluster, service: Scheduler) -> None:
    """Which are all text."""
    cluster.modify_target_group(
        {"stickiness.enabled": True, "deregistration_delay.timeout_seconds": 7}
    )
    described = service.elb.describe_target_group_attributes(TargetGroupArn=service.target_group)
    values = {each["Key"]: each["Value"] for each in described["Attributes"]}
    assert values["stickiness.enabled"] == "true"
    assert values["deregistration_delay.timeout_seconds"] == "7"
