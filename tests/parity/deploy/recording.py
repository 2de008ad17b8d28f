"""Which calls to AWS the kit itself makes, by the names that IAM has for them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from parity.project import ROOT

if TYPE_CHECKING:
    import boto3
    from botocore.model import OperationModel

KIT = str(ROOT / "parity")
TESTS = str(ROOT / "tests")
# Services that sign by another name than IAM has for them.
SIGNED_AS = {"monitoring": "cloudwatch"}


def record(session: boto3.Session) -> set[str]:
    """Return a set that fills with the actions which code in parity/ calls through the session."""
    actions: set[str] = set()

    def note(model: OperationModel, **_: object) -> None:
        if _caller().startswith(KIT):
            name = model.service_model.signing_name
            actions.add(f"{SIGNED_AS.get(name, name)}:{model.name}")

    session.events.register("before-call", note)
    return actions


def _caller() -> str:
    """Return the file, the kit's or a test's, that made the call."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        name = frame.f_code.co_filename
        if name.startswith((KIT, TESTS)) and name != __file__:
            return name
        frame = frame.f_back
    return ""
