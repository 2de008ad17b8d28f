"""A task's log is found through its task definition."""

from __future__ import annotations

from parity.aws.task_log import log_stream


def test_log_stream_is_named_by_prefix_container_and_task() -> None:
    """A container that logs elsewhere has none."""
    options = {"awslogs-group": "/chat/app", "awslogs-stream-prefix": "chat"}
    logging = {"logDriver": "awslogs", "options": options}
    definition = {
        "containerDefinitions": [
            {"name": "sidecar", "logConfiguration": logging},
            {"name": "app", "logConfiguration": logging},
        ]
    }
    assert log_stream(definition, "0f9d") == ("/chat/app", "chat/app/0f9d")
    assert log_stream({"containerDefinitions": [{"name": "app"}]}, "0f9d") is None
