"""What a task wrote, as CloudWatch Logs keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from parity.aws.errors import code_of, plainly

if TYPE_CHECKING:
    from parity.aws.account import Account

PAGE = 10_000  # events, the most that one call gives


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
