"""What Bedrock's errors become: one plain sentence each, and nothing else to look at."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EventStreamError

from app.model import failure

CODES = [
    "ThrottlingException",
    "AccessDeniedException",
    "ValidationException",
    "ModelNotReadyException",
    "ModelTimeoutException",
    "ModelErrorException",
    "InternalServerException",
    "ServiceUnavailableException",
    "ResourceNotFoundException",
    "ExpiredTokenException",
    "UnrecognizedClientException",
]


def told(error: Exception, *, begun: bool = False) -> str:
    """Return what the user reads of an error."""
    return str(failure.read(error, 60).told("some-model", begun=begun))


@pytest.mark.parametrize("code", CODES)
def test_error_before_the_stream_has_a_reason_of_its_own(code: str) -> None:
    """Every code that Bedrock documents is explained, not just repeated."""
    error = ClientError({"Error": {"Code": code, "Message": "because"}}, "ConverseStream")
    sentence = told(error)
    assert sentence.startswith("some-model did not answer: ")
    assert code not in sentence
    assert '"because"' in sentence


def test_error_inside_the_stream_is_told_like_one_before_it() -> None:
    """There the code comes in lowerCamel."""
    error = EventStreamError(
        {"Error": {"Code": "modelStreamErrorException", "Message": ""}}, "ConverseStream"
    )
    assert "in the middle of its answer" in told(error)


def test_unknown_code_is_quoted() -> None:
    """What is not known is said as it came."""
    error = ClientError({"Error": {"Code": "BrandNewException"}}, "ConverseStream")
    assert "BrandNewException" in told(error)
