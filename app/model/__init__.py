"""Amazon Bedrock's Converse API: stream an answer, or say in plain words why there is none.

answer.py streams one, and decides alone what is tried again; failure.py knows what an error means;
context.py leaves out what is too long for the model, attached.py makes blocks of attachments.
"""

from app.model.answer import Answer
from app.model.failure import ModelError

__all__ = ["Answer", "ModelError"]
