"""What a task wrote: where its definition sends it, and what CloudWatch Logs has of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from parity.aws.errors import code_of, plainly

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parity.aws.account import Account

CONTAINER = "app"
PAGE = 10_000  # events, the most that one call gives


def log_stream(definition: Mapping[str, Any], task_id: str) -> tuple[str, str] | None:
    """Return log group and stream of a task's container `app`, as the awslogs driver names them.

    None for a container that logs elsewhere.
    """
    for container in definition.get("containerDefinitions", []):
        logging = container.get("logConfiguration") or {}
        options = logging.get("options") or {}
        if container.get("name") == CONTAINER and logging.get("logDriver") == "awslogs":
            prefix = options.get("awslogs-stream-prefix", "")
            return str(options.get("awslogs-group", "")), f"{prefix}/{CONTAINER}/{task_id}"
    return None


class TaskLogs:
    """CloudWatch Logs, which has a line some seconds after it was written."""

    def __init__(self, account: Account) -> None:
        self._logs = account.client("logs")

    def read(self, group: str, stream: str, *, containing: str = "") -> list[str]:
        """Return all lines of a stream, oldest first, or those that contain a text.

        Empty for a stream that is not there: its container has not started, or not written.
        """
        given: dict[str, Any] = {"logGroupName": group, "logStreamNames": [stream]}
        if containing:
            given["filterPattern"] = f'"{containing}"'
        lines: list[str] = []
        while True:
            page = self._ask(self._logs.filter_log_events, given)
            lines += [event["message"].rstrip("\n") for event in page["events"]]
            if not (token := page.get("nextToken")):
                return lines
            given["nextToken"] = token

    def last(self, group: str, stream: str, lines: int) -> list[str]:
        """Return the last lines of a stream, oldest first."""
        if not 0 < lines <= PAGE:
            return self.read(group, stream)[-lines:] if lines else []
        given = {"logGroupName": group, "logStreamName": stream, "limit": lines}
        page = self._ask(self._logs.get_log_events, given | {"startFromHead": False})
        return [event["message"].rstrip("\n") for event in page["events"]]

    def _ask(self, operation: Any, given: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
        with plainly():
            try:
                page: dict[str, Any] = operation(**given)
            except ClientError as error:
                if code_of(error) != "ResourceNotFoundException":
                    raise
                return {"events": []}
        return page
