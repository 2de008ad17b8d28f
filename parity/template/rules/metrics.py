"""The metrics that there are, and how an alarm on those that matter has to be."""

from __future__ import annotations

from dataclasses import dataclass

from parity.template.contract import ACTIVE_CHATS, METRIC_NAMESPACE


@dataclass(frozen=True)
class Watch:
    """What an alarm on a metric needs, so that it goes off when it should and not before.

    meaning: what is watched. statistics: those that show it. low, high: where the threshold lies.
    falling: too little is what is bad.
    """

    meaning: str
    statistics: tuple[str, ...]
    low: float
    high: float
    falling: bool = False

    @property
    def comparison(self) -> str:
        """The alarm's ComparisonOperator."""
        return "LessThanThreshold" if self.falling else "GreaterThanThreshold"


BALANCER_METRICS = """
    ActiveConnectionCount ConsumedLCUs HTTPCode_ELB_502_Count HTTPCode_ELB_503_Count
    HTTPCode_ELB_504_Count HTTPCode_ELB_5XX_Count HTTPCode_Target_4XX_Count
    HTTPCode_Target_5XX_Count HealthyHostCount NewConnectionCount RejectedConnectionCount
    RequestCount RequestCountPerTarget TargetConnectionErrorCount TargetResponseTime
    UnHealthyHostCount
"""
INSIGHTS_METRICS = """
    CpuUtilized DeploymentCount DesiredTaskCount MemoryUtilized PendingTaskCount RunningTaskCount
    TaskCpuUtilization TaskMemoryUtilization
"""
STORAGE_METRICS = """
    BurstCreditBalance ClientConnections DataReadIOBytes DataWriteIOBytes MetadataIOBytes
    MeteredIOBytes PercentIOLimit PermittedThroughput StorageBytes TotalIOBytes
"""
METRICS = {
    "AWS/ApplicationELB": BALANCER_METRICS.split(),
    "AWS/ECS": ["CPUUtilization", "MemoryUtilization"],
    "ECS/ContainerInsights": INSIGHTS_METRICS.split(),
    "AWS/EFS": STORAGE_METRICS.split(),
    METRIC_NAMESPACE: [ACTIVE_CHATS],
}
BURST = "BurstCreditBalance"
NEW_CREDITS = 2.31e12  # bytes, of a new file system
WATCHED = {
    "HTTPCode_ELB_5XX_Count": Watch("the load balancer's own errors", ("Sum",), 0, 100),
    "HTTPCode_Target_5XX_Count": Watch("errors of the app", ("Sum",), 0, 100),
    "UnHealthyHostCount": Watch("tasks that fail their health check", ("Maximum",), 0, 1),
    "MemoryUtilization": Watch("memory", ("Average", "Maximum"), 50, 99),
    "PercentIOLimit": Watch("operations of the file system", ("Average", "Maximum"), 50, 99),
    BURST: Watch(
        "throughput", ("Average", "Minimum"), NEW_CREDITS / 100, NEW_CREDITS / 2, falling=True
    ),
}
