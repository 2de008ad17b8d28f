"""What can go wrong on demand, and how it is asked for: in the prompt, or by the admin route."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bedrock.errors import BedrockError

# Fault -> code and message of the error that comes instead of an answer.
BEFORE_ANSWER = {
    "throttle": ("ThrottlingException", "Too many requests, please wait before trying again."),
    "access-denied": (
        "AccessDeniedException",
        "You don't have access to the model with the specified model ID.",
    ),
    "validation": ("ValidationException", "The provided model identifier is invalid."),
    "not-ready": (
        "ModelNotReadyException",
        "Model is not ready for inference. Please wait and try your request again.",
    ),
}
MID_STREAM = ("error-mid-stream", "cut", "stall", "no-stop")
NAMES = (*BEFORE_ANSWER, *MID_STREAM)

# Longer than any client waits, and still an end.
STALL_SECONDS = 900.0

_DIRECTIVE = re.compile(r"\[\[fault=([^\]\s]*)\]\]")
_SPEC = re.compile(r"([a-z-]+)(?::(\d{1,5}(?:\.\d+)?))?")


class ConnectionCutError(Exception):
    """The connection is to be dropped now, in the middle of the answer."""


@dataclass(frozen=True)
class Fault:
    """One of NAMES; `seconds` is how long a stall lasts before the answer goes on."""

    name: str
    seconds: float = STALL_SECONDS

    @classmethod
    def parse(cls, text: str) -> Fault:
        """The fault in `throttle`, `stall` or `stall:20`. Raises ValueError for any other text."""
        spec = _SPEC.fullmatch(text)
        if not spec or spec[1] not in NAMES or (spec[2] and spec[1] != "stall"):
            raise ValueError(f"unknown fault {text!r}; known: {', '.join(NAMES)}, stall:SECONDS")
        return cls(spec[1], float(spec[2])) if spec[2] else cls(spec[1])


def directive(prompt: str) -> Fault | None:
    """The fault that `prompt` asks for with [[fault=NAME]], if any.

    Raises BedrockError for an unknown name, so that a misspelt fault cannot pass for success.
    """
    found = _DIRECTIVE.search(prompt)
    if not found:
        return None
    try:
        return Fault.parse(found[1])
    except ValueError as error:
        raise BedrockError("ValidationException", str(error)) from error


@dataclass(frozen=True)
class Arming:
    """A fault for the next `times` requests, to `model` only unless that is None."""

    fault: Fault
    times: int = 1
    model: str | None = None


class Armoury:
    """The fault armed by the admin route; at most one, the latest."""

    def __init__(self) -> None:
        self.armed: Arming | None = None

    def take(self, model: str) -> Fault | None:
        """The fault that a request to `model` has to suffer now, used up by one."""
        armed = self.armed
        if armed is None or armed.model not in {None, model}:
            return None
        self.armed = replace(armed, times=armed.times - 1) if armed.times > 1 else None
        return armed.fault
