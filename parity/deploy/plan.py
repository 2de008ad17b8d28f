"""What a deploy has to do at least: decided from what there is and what is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parity.deploy.stack_state import StackState
    from parity.deploy.template import Template

IMAGE = "ImageUri"
RECEIPT = "Receipt"
ARCHITECTURE = "Architecture"


@dataclass(frozen=True)
class Plan:
    """What has to be done.

    template: to be sent; None where the stack's own is the same, which keeps the change set down to
    what the parameters touch. parameters: to be given, besides image and receipt. new_image:
    whether the receipt is another than the stack's.
    """

    template: Template | None
    parameters: Mapping[str, str]
    new_image: bool

    @property
    def nothing(self) -> bool:
        """Whether the stack is as it should be."""
        return self.template is None and not self.parameters and not self.new_image

    def given(self, image_uri: str, receipt_id: str) -> dict[str, str]:
        """Return every parameter to give; image and receipt only if they are new."""
        image = {IMAGE: image_uri, RECEIPT: receipt_id} if self.new_image else {}
        return {**self.parameters, **image}


def make_plan(
    state: StackState,
    current_body: str,
    template: Template,
    receipt_id: str,
    given: Mapping[str, str],
) -> Plan:
    """Return the least that brings a stack to a template, a receipt and given parameters.

    current_body: the stack's template as it was sent; '' where there is no stack.
    """
    same_template = state.exists and current_body.strip() == template.body.strip()
    changed = {name: value for name, value in given.items() if state.parameters.get(name) != value}
    return Plan(
        template=None if same_template else template,
        parameters=changed,
        new_image=not state.exists or state.parameters.get(RECEIPT) != receipt_id,
    )


def digest_of(image_uri: str) -> str:
    """Return the digest of 'repository@sha256:...'; empty if it names none."""
    return image_uri.partition("@")[2]
