"""The only reader of the environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Settings:
    """How fast the stand-in answers, and who answers.

    `upstream` is the base URL of an OpenAI-compatible server, or empty for deterministic text;
    `upstream_model` is the model to ask there, or empty for the model id of the request.
    """

    first_token_seconds: float = 0.3
    tokens_per_second: float = 80.0
    upstream: str = ""
    upstream_model: str = ""

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Settings from `env`, where a variable that is missing or empty means its default.

        Raises ValueError for a number that is not above 0 (the first token may take 0), and for an
        upstream that is no URL.
        """
        first_token_ms = _number(env, "BEDROCK_FIRST_TOKEN_MS", default=300.0)
        tokens_per_second = _number(env, "BEDROCK_TOKENS_PER_SECOND", default=80.0)
        if tokens_per_second == 0:
            raise ValueError("BEDROCK_TOKENS_PER_SECOND='0': an answer would never end; try 80")
        upstream = env.get("BEDROCK_UPSTREAM", "")
        if upstream and not upstream.startswith(("http://", "https://")):
            raise ValueError(f"BEDROCK_UPSTREAM={upstream!r}: try http://localhost:11434")
        return cls(
            first_token_seconds=first_token_ms / 1000,
            tokens_per_second=tokens_per_second,
            upstream=upstream,
            upstream_model=env.get("BEDROCK_UPSTREAM_MODEL", ""),
        )


def _number(env: Mapping[str, str], name: str, *, default: float) -> float:
    text = env.get(name, "")
    try:
        number = float(text) if text else default
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise ValueError(f"{name}={text!r}: not a number of 0 or more; try {default:g}")
    return number
