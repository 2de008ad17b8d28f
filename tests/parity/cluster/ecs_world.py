"""A service in moto's AWS, and the service scheduler that moto has not: it starts no task itself.

Everything here goes through AWS's own API; `Scheduler.work` does what ECS would have done by then.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from parity.cluster.one_off_task import STARTED_BY

if TYPE_CHECKING:
    from pathlib import Path

    from parity.aws.account import Account

REGION = "eu-central-1"
STACK = "chat"
GROUP = "/chat/app"
PREFIX = "chat"
URL = "http://chat.example.com"
RESOURCE = {
    "ServiceNamespace": "ecs",
    "ResourceId": "service/chat-cluster/chat-service",
    "ScalableDimension": "ecs:service:DesiredCount",
}
SERVICE = {"cluster": "chat-cluster", "service": "chat-service"}


class Scheduler:
    """A service of two tasks behind a target group, as the kit's template makes it."""

    def __init__(self, aws: Account) -> None:
        self.aws = aws
        self.ecs = self.aws.client("ecs")
        self.elb = self.aws.client("elbv2")
        self.logs = self.aws.client("logs")
        self.scaling = self.aws.client("application-autoscaling")
        self.replaces = True
        self.volume: Path | None = None  # with none, one-off tasks start and do nothing
        self.loses = 0  # so many of the last lines that a one-off task writes
        self._deployment_of: dict[str, str] = {}
        self._build()
        self.work()

    def work(self, _seconds: float = 0) -> None:
        """End the tasks of older deployments, then bring the tasks to the desired count."""
        service = self.service()
        now = service["deployments"][0]["id"]
        for arn in self.running():
            if self._deployment_of.setdefault(arn, now) != now:
                self.ecs.stop_task(cluster="chat-cluster", task=arn, reason="deployment")
        alive = self.running()
        for arn in alive[service["desiredCount"] :]:
            self.ecs.stop_task(cluster="chat-cluster", task=arn, reason="scale in")
        if self.replaces:
            for _ in range(service["desiredCount"] - len(alive)):
                self._run()
        self._register()
        for arn in self.one_off_tasks() if self.volume else []:
            self._run_to_its_end(arn)

    def service(self) -> dict[str, Any]:
        """Return the service as described now."""
        found: dict[str, Any] = self.ecs.describe_services(
            cluster="chat-cluster", services=["chat-service"]
        )["services"][0]
        return found

    def running(self) -> list[str]:
        """Return the ARNs of the tasks that are to run, oldest first."""
        listed = self.ecs.list_tasks(cluster="chat-cluster", desiredStatus="RUNNING")
        return [arn for arn in listed["taskArns"] if arn not in self.one_off_tasks()]

    def one_off_tasks(self) -> list[str]:
        """Return the ARNs of the tasks that run besides, of no service; moto lists all as its."""
        listed = self.ecs.list_tasks(
            cluster="chat-cluster", startedBy=STARTED_BY, desiredStatus="RUNNING"
        )
        return list(listed["taskArns"])

    def addresses(self) -> list[str]:
        """Return the private addresses of those tasks."""
        arns = self.running()
        tasks = self.ecs.describe_tasks(cluster="chat-cluster", tasks=arns)["tasks"] if arns else []
        return [
            detail["value"]
            for task in tasks
            for detail in task["attachments"][0]["details"]
            if detail["name"] == "privateIPv4Address"
        ]

    def deregister(self, address: str) -> None:
        """Take one address out of the target group."""
        self.elb.deregister_targets(
            TargetGroupArn=self.target_group, Targets=[{"Id": address, "Port": 8501}]
        )

    def write(self, task: str, *lines: str) -> None:
        """Write lines into a task's log stream, in this order."""
        stream = f"{PREFIX}/app/{task}"
        self.logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)
        now = int(time.time() * 1000) - len(lines)
        events = [{"timestamp": now + n, "message": line} for n, line in enumerate(lines)]
        self.logs.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)

    def scalable_target(self) -> dict[str, Any]:
        """Return the scalable target as described now."""
        described = self.scaling.describe_scalable_targets(ServiceNamespace="ecs")
        found: dict[str, Any] = described["ScalableTargets"][0]
        return found

    def _run(self) -> None:
        started = self.ecs.run_task(
            cluster="chat-cluster",
            taskDefinition="chat",
            launchType="FARGATE",
            networkConfiguration=self._network,
        )
        self._deployment_of[started["tasks"][0]["taskArn"]] = self.service()["deployments"][0]["id"]

    def _run_to_its_end(self, arn: str) -> None:
        """Do what Fargate does with a one-off task: run its command here, keep what it writes."""
        (task,) = self.ecs.describe_tasks(cluster="chat-cluster", tasks=[arn])["tasks"]
        (container,) = task["overrides"]["containerOverrides"]
        python, *arguments = container["command"]
        assert python == "python3"
        ended = subprocess.run(
            [sys.executable, *arguments],
            env={"PATH": os.environ["PATH"], "SESSION_ROOT": str(self.volume)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        lines = ended.stdout.splitlines()
        self.write(arn.rpartition("/")[2], *lines[: len(lines) - self.loses])
        self.ecs.stop_task(cluster="chat-cluster", task=arn, reason="Essential container exited")

    def registered(self) -> set[str]:
        """Return the addresses that the load balancer knows."""
        described = self.elb.describe_target_health(TargetGroupArn=self.target_group)
        return {each["Target"]["Id"] for each in described["TargetHealthDescriptions"]}

    def _register(self) -> None:
        known = self.registered()
        alive = set(self.addresses())
        for address in known - alive:
            self.deregister(address)
        if new := [{"Id": address, "Port": 8501} for address in alive - known]:
            self.elb.register_targets(TargetGroupArn=self.target_group, Targets=new)

    def _build(self) -> None:
        ec2 = self.aws.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
        group = ec2.create_security_group(GroupName="tasks", Description="tasks", VpcId=vpc)
        self._network = {
            "awsvpcConfiguration": {"subnets": [subnet], "securityGroups": [group["GroupId"]]}
        }
        made = self.elb.create_target_group(
            Name="chat", Protocol="HTTP", Port=8501, VpcId=vpc, TargetType="ip"
        )
        self.target_group = made["TargetGroups"][0]["TargetGroupArn"]
        self.logs.create_log_group(logGroupName=GROUP)
        self._build_service()
        self._build_stack()

    def _build_service(self) -> None:
        options = {"awslogs-group": GROUP, "awslogs-stream-prefix": PREFIX}
        self.ecs.create_cluster(clusterName="chat-cluster")
        self.ecs.register_task_definition(
            family="chat",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            containerDefinitions=[
                {
                    "name": "app",
                    "image": "chat@sha256:" + "0" * 64,
                    "memory": 512,
                    "logConfiguration": {"logDriver": "awslogs", "options": options},
                }
            ],
        )
        self.ecs.create_service(
            cluster="chat-cluster",
            serviceName="chat-service",
            taskDefinition="chat",
            desiredCount=2,
            launchType="FARGATE",
            networkConfiguration=self._network,
        )
        self.scaling.register_scalable_target(**RESOURCE, MinCapacity=2, MaxCapacity=10)

    def _build_stack(self) -> None:
        values = {
            "Url": URL,
            "ClusterName": "chat-cluster",
            "ServiceName": "chat-service",
            "TargetGroupArn": self.target_group,
        }
        outputs = "".join(f"  {name}: {{Value: '{value}'}}\n" for name, value in values.items())
        topic = "Resources:\n  Topic: {Type: 'AWS::SNS::Topic'}\n"
        self.aws.client("cloudformation").create_stack(
            StackName=STACK,
            TemplateBody=f"{topic}Outputs:\n{outputs}",
            Tags=[{"Key": "ParityKit", "Value": STACK}],
        )
