"""Bedrock's exceptions, by the names and HTTP statuses of its service model."""

from __future__ import annotations

STATUS = {
    "AccessDeniedException": 403,
    "InternalServerException": 500,
    "ModelErrorException": 424,
    "ModelNotReadyException": 429,
    "ModelStreamErrorException": 424,
    "ModelTimeoutException": 408,
    "ResourceNotFoundException": 404,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "UnknownOperationException": 404,
    "ValidationException": 400,
}

_IN_STREAM = {
    "InternalServerException",
    "ModelStreamErrorException",
    "ServiceUnavailableException",
    "ThrottlingException",
    "ValidationException",
}


class BedrockError(Exception):
    """An error as Bedrock reports it: `code` is a key of STATUS, `message` is for the user."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message

    @property
    def status(self) -> int:
        """The HTTP status, for an error that comes before the first byte of an answer."""
        return STATUS[self.code]

    @property
    def before_stream(self) -> BedrockError:
        """This error as a response of its own: only a stream can carry a stream error."""
        if self.code == "ModelStreamErrorException":
            return BedrockError("ModelErrorException", self.message)
        return self

    @property
    def in_stream(self) -> BedrockError:
        """This error as an event: what no event stream can carry becomes a stream error."""
        if self.code in _IN_STREAM:
            return self
        return BedrockError("ModelStreamErrorException", self.message)


def validation(message: str) -> BedrockError:
    """The error for a request that breaks a rule."""
    return BedrockError("ValidationException", message)
