"""Amazon Bedrock's Converse API: stream an answer, or say in plain words why there is none.

Source of shapes and errors: the Bedrock runtime API reference, and botocore's own exceptions.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EventStreamError,
    NoCredentialsError,
    PartialCredentialsError,
)
from urllib3.exceptions import HTTPError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CONNECT_SECONDS = 5
READ_SECONDS = 60

# Error codes of converse_stream, before the stream and inside it (there in lowerCamel).
REASONS = {
    "accessdenied": "this account has no access to the model. Ask for it in the Bedrock console",
    "expiredtoken": "the AWS credentials have expired",
    "internalserver": "Bedrock had an internal error",
    "modelerror": "the model failed",
    "modelnotready": "the model is still starting",
    "modelstreamerror": "the model failed in the middle of its answer",
    "modeltimeout": "the model took too long",
    "resourcenotfound": "there is no such model in this region",
    "serviceunavailable": "Bedrock is not available at the moment",
    "throttling": "too many requests at the moment",
    "unrecognizedclient": "the AWS credentials are not valid",
    "validation": "Bedrock did not accept the request",
}
NO_CREDENTIALS = "no AWS credentials were found. The task role, or AWS_PROFILE, must give them"


class ModelError(Exception):
    """No whole answer came; str() is one plain sentence for the user."""


@cache
def client() -> Any:  # noqa: ANN401 - boto3's clients have no static type
    """Return the one client of this process: making one takes longer than many requests."""
    return boto3.client(
        "bedrock-runtime",
        config=Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "max_attempts": 3},
        ),
    )


class Answer:
    """One streamed answer: iterate over its text, then read `usage`.

    usage is the tokens as Bedrock counts them: inputTokens, outputTokens, totalTokens.
    """

    def __init__(self, model_id: str, messages: Sequence[dict[str, Any]]) -> None:
        self.model_id = model_id
        self.messages = messages
        self.usage: dict[str, int] | None = None

    def __iter__(self) -> Iterator[str]:
        """Yield pieces of text as they arrive. Raises ModelError; what was yielded stays valid.

        An end of the stream without messageStop raises nothing in botocore, so it is required
        here: an answer is whole only if the model said so.
        """
        stopped = False
        try:
            reply = client().converse_stream(modelId=self.model_id, messages=self.messages)
            for event in reply["stream"]:
                if text := event.get("contentBlockDelta", {}).get("delta", {}).get("text"):
                    yield text
                stopped = stopped or "messageStop" in event
                self.usage = event.get("metadata", {}).get("usage", self.usage)
        except (ClientError, EventStreamError) as error:
            raise ModelError(sentence(self.model_id, error)) from error
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise ModelError(f"{self.model_id} did not answer: {NO_CREDENTIALS}.") from error
        except (BotoCoreError, HTTPError) as error:
            raise ModelError(
                f"{self.model_id} did not answer: the connection to Bedrock failed"
                f" ({type(error).__name__})."
            ) from error
        if not stopped:
            raise ModelError(f"{self.model_id} broke off its answer.")


def sentence(model_id: str, error: ClientError | EventStreamError) -> str:
    """Return what an error of Bedrock means, and what Bedrock says about it."""
    code = error.response.get("Error", {}).get("Code", "")
    message = error.response.get("Error", {}).get("Message", "")
    short = code.lower().removesuffix("exception")
    reason = REASONS.get(short, f"Bedrock answered {code}")
    said = f' Bedrock says: "{message}"' if message else ""
    return f"{model_id} did not answer: {reason}.{said}"
