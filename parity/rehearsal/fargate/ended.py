"""How a task ends that should have stayed."""

from __future__ import annotations


class TaskEndedError(Exception):
    """A task that did not start or did not stay, in ECS's words.

    code, why: the task's stopCode and stoppedReason. exit_code, reason: the container's own, as
    far as there are such; log: its last lines.
    """

    def __init__(
        self, code: str, why: str, *, exit_code: int | None = None, reason: str = "", log: str = ""
    ) -> None:
        super().__init__(why)
        self.code = code
        self.why = why
        self.exit_code = exit_code
        self.reason = reason
        self.log = log


def not_started(why: str) -> TaskEndedError:
    """Return the end of a task that never ran."""
    return TaskEndedError("TaskFailedToStart", why)


def unhealthy(why: str, log: str) -> TaskEndedError:
    """Return the end of a task that ECS stops because a check says so."""
    return TaskEndedError("ServiceSchedulerInitiated", why, log=log)
