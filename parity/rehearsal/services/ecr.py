"""ECR in front of a real registry: its answers lead pushes there, and name what arrived."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ecr.models import ECRBackend, Repository
from moto.ecr.responses import ECRResponse

from parity.rehearsal.services import images

READERS = ("list_images", "describe_images", "batch_get_image", "batch_delete_image")


def plug_in() -> None:
    """Give repositories an address in the registry, and ECR the images that it holds."""
    made = Repository.__init__

    def create(self: Repository, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        made(self, *arguments, **options)
        self.uri = f"{images.registry()}/{self.name}"

    Repository.__init__ = create  # type: ignore[method-assign]
    ECRResponse.get_authorization_token = _authorize  # type: ignore[method-assign, assignment]
    for name in READERS:
        setattr(ECRBackend, name, _after_a_look(getattr(ECRBackend, name)))


def _authorize(_: ECRResponse) -> ActionResult:
    answer = {
        "authorizationToken": images.token(),
        "proxyEndpoint": f"http://{images.registry()}",
    }
    return ActionResult({"authorizationData": [answer]})


def _after_a_look(read: Any) -> Any:  # noqa: ANN401 - one of moto's methods
    def look_then_read(self: ECRBackend, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        for repository in self.repositories.values():
            _take_in(self, repository)
        return read(self, *arguments, **options)

    return look_then_read


def _take_in(backend: ECRBackend, repository: Repository) -> None:
    """Record what was pushed since, under the digest that the registry gave it."""
    known = {tag for image in repository.images for tag in image.image_tags}
    for tag in images.tags(repository.name):
        found = images.manifest(repository.name, tag) if tag not in known else None
        if found is not None:
            backend.put_image(
                repository.name, found.text, tag, found.media_type, digest=found.digest
            )
