"""What the errors of Bedrock and of the way to it mean: a plain sentence, and whether they pass.

Source of shapes and codes: the Bedrock runtime API reference, and botocore's own exceptions.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass

from botocore.eventstream import ParserError
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own
    EventStreamError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.exceptions import HTTPError
from urllib3.exceptions import ReadTimeoutError as StreamTimeoutError

# What a request to Bedrock, or the reading of its answer, may raise.
ERRORS = (BotoCoreError, ClientError, EventStreamError, HTTPError, ParserError)
# Those of the way there and back; else botocore objects, and would do so again.
_CONNECTION = (ConnectionError, HTTPClientError, HTTPError, ParserError)

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
# Words of a refused request -> the kind of attachment that the model does not take.
NOT_TAKEN = {
    "support the image": "image",
    "support documents": "document",
    "support the document": "document",
}
# Those that another try may get past. What took a minute to fail, failed for this model, or was
# refused, is for the user to ask again.
PASSING = {"internalserver", "modelnotready", "serviceunavailable", "throttling"}

NO_CREDENTIALS = "no AWS credentials were found. The task role, or AWS_PROFILE, must give them"


class ModelError(Exception):
    """No whole answer came; str() is one plain sentence for the user.

    reason: in one word, for the log.
    """

    def __init__(self, sentence: str, reason: str = "") -> None:
        super().__init__(sentence)
        self.reason = reason


@dataclass(frozen=True)
class Failure:
    """What an error means.

    reason: one word. what: for the user, without full stop. said: what Bedrock says about it.
    passes: another try, a little later, may do. not_taken: the kind of attachment that the model
    does not take, if that is why.
    """

    reason: str
    what: str
    said: str = ""
    passes: bool = False
    not_taken: str = ""

    def told(self, model_id: str, *, begun: bool) -> ModelError:
        """Return it as told to the user. begun: some of the answer had arrived."""
        did = "broke off its answer" if begun else "did not answer"
        said = f' Bedrock says: "{self.said}"' if self.said else ""
        return ModelError(f"{model_id} {did}: {self.what}.{said}", self.reason)


def read(error: Exception, patience: float) -> Failure:
    """Return what one of ERRORS means. patience: for how many seconds nothing may come."""
    if isinstance(error, (ClientError, EventStreamError)):
        return _answered(error)
    if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        return Failure("nocredentials", NO_CREDENTIALS)
    if isinstance(error, (ReadTimeoutError, StreamTimeoutError)) and not _peer_is_gone(error):
        return Failure("timeout", f"nothing came from Bedrock for {patience:g} seconds")
    what = f"the connection to Bedrock failed ({type(error).__name__})"
    passes = isinstance(error, _CONNECTION) and not isinstance(error, SSLError)
    return Failure("connection", what, passes=passes)


def _peer_is_gone(error: BaseException | None) -> bool:
    """Tell whether TCP gave up the connection; urllib3 calls that a time-out, too."""
    while error is not None:
        if isinstance(error, OSError) and error.errno == errno.ETIMEDOUT:
            return True
        error = error.__cause__ or error.__context__
    return False


def _answered(error: ClientError | EventStreamError) -> Failure:
    code = error.response.get("Error", {}).get("Code", "")
    short = code.lower().removesuffix("exception")
    said = error.response.get("Error", {}).get("Message", "")
    for words, kind in NOT_TAKEN.items():
        if short == "validation" and words in said:
            what = f"this model takes no {kind}s. Choose another model, and try again"
            return Failure(f"no{kind}s", what, not_taken=kind)
    return Failure(
        reason=short,
        what=REASONS.get(short, f"Bedrock answered {code}"),
        said=said,
        passes=short in PASSING,
    )
