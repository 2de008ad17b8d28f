"""On ECS: ask that no scale-in ends this task while it writes an answer.

The agent's endpoint, which every Fargate task finds in ECS_AGENT_URI, takes
    PUT {ECS_AGENT_URI}/task-protection/v1/state  {"ProtectionEnabled": true, "ExpiresInMinutes": 5}
(ECS developer guide, "Task scale-in protection endpoint"). It keeps a deployment from ending the
task, too, until it expires; so it is asked for only while it is needed, and for no longer than an
answer takes.
"""

from __future__ import annotations

import json
import threading
import urllib.request
from typing import TYPE_CHECKING

from app import log
from app.answers.generation import running

if TYPE_CHECKING:
    from collections.abc import Collection

PATH = "/task-protection/v1/state"
EXPIRES_MINUTES = 5
RENEW_SECONDS = 180.0
POLL_SECONDS = 1.0
ANSWER_SECONDS = 5.0


def start(agent: str, answers: Collection[object] = running) -> threading.Thread:
    """Keep the protection in step with the answers that are being written, for ever."""
    thread = threading.Thread(
        target=_keep, args=(agent, answers), name="scale-in-protection", daemon=True
    )
    thread.start()
    return thread


def _keep(agent: str, answers: Collection[object]) -> None:
    pause = threading.Event()
    protected_for = 0.0
    while not pause.wait(POLL_SECONDS):
        protected_for = max(0.0, protected_for - POLL_SECONDS)
        if answers and not protected_for and _ask(agent, protect=True):
            protected_for = RENEW_SECONDS
        elif not answers and protected_for and _ask(agent, protect=False):
            protected_for = 0.0


def _ask(agent: str, *, protect: bool) -> bool:
    """Tell whether the agent did it; where it does not, tasks end as they would without."""
    wish: dict[str, object] = {"ProtectionEnabled": protect}
    if protect:
        wish["ExpiresInMinutes"] = EXPIRES_MINUTES
    request = urllib.request.Request(  # noqa: S310 - the URL is the platform's own
        f"{agent}{PATH}",
        data=json.dumps(wish).encode(),
        method="PUT",
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            answer.read()
    except OSError as error:
        log.event("scale_in_protection_failed", error=str(error))
        return False
    return True
