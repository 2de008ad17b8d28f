"""A deploy as the command does it, with an engine whose pushes land in the registry of a test."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

from parity.deploy import promote
from parity.deploy.carry_out import Manner
from parity.deploy.image import LocalImage
from parity.deploy.promote import Engine, Wish
from parity.deploy.template import parse_template
from tests.parity.deploy import registry_server
from tests.parity.deploy.cloud import STACK, TEMPLATE, receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from parity.aws.account import Account
    from parity.deploy.receipt import Receipt
    from tests.parity.deploy.registry_server import Registry


@dataclass
class Docker:
    """The engine: its pushes land in the registry; each receipt has an image of its own."""

    registry: Registry
    pushes: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)

    def image_of(self, wanted: Receipt) -> LocalImage:
        """Return the image that the receipt speaks of."""
        return LocalImage(wanted.image_id, wanted.config_digest, wanted.architecture, "abc")

    def push(self, _client: object, receipt_id: str, repository: Any, _: object) -> Iterator[Any]:  # noqa: ANN401
        """Push, as `image.push` does."""
        self.pushes.append(receipt_id)
        registry_server.put_image(repository.host, repository.name, receipt_id, text=receipt_id)
        yield {"id": "layer", "status": "Pushed"}


def green(registry: Registry, number: int) -> Receipt:
    """Return a green receipt for the image that a push of it brings."""
    made = receipt(number)
    put = registry_server.put_image(registry.host, "scratch", made.id, text=made.id)
    return replace(made, image_id=put.config_digest, config_digest=put.config_digest)


def deploy(  # noqa: PLR0913 - what a deploy depends on
    account: Account,
    docker: Docker,
    wanted: Receipt,
    *,
    template: str = TEMPLATE,
    yes: bool = True,
    confirm: Callable[[str], bool] | None = None,
    dry_run: bool = False,
    given: dict[str, str] | None = None,
    role_arn: str = "",
) -> str:
    """Deploy, as the command does."""
    wish = Wish(
        stack=STACK,
        receipt=wanted,
        template=parse_template(template),
        manner=Manner(confirm=confirm or (lambda _: yes)),
        given=given or {},
        dry_run=dry_run,
        role_arn=role_arn,
        rules=(),  # they are for the real template, of which moto can make too little
    )
    engine = Engine(find=docker.image_of, connect=MagicMock())
    return promote.promote(account, account.identity(), wish, engine)
