"""The image that goes to the cloud, in the local Docker Engine: look, keep, push."""

from __future__ import annotations

import json
import tarfile
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from docker.errors import DockerException, ImageNotFound

from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from docker import DockerClient

    from parity.deploy.registry import Credentials, Repository

KEPT = "parity-kit/receipt"
NEWEST = 3
REVISION_LABEL = "org.opencontainers.image.revision"
ARCHITECTURES = {"amd64": "X86_64", "arm64": "ARM64"}
DIRTY = "-dirty"
PUSH_SECONDS = 3600


@dataclass(frozen=True)
class LocalImage:
    """An image of the engine. id: as the engine names it; architecture: amd64, arm64, ...

    config_digest: of its configuration. revision: the commit that its label names, with '-dirty'
    where files differed from it.
    """

    id: str
    config_digest: str
    architecture: str
    revision: str

    @property
    def git_revision(self) -> str:
        """The commit alone."""
        return self.revision.removesuffix(DIRTY)

    @property
    def tree_clean(self) -> bool:
        """Whether the commit is all that it was built from."""
        return self.revision not in ("", "unknown") and not self.revision.endswith(DIRTY)


def kept_name(receipt_id: str) -> str:
    """Return the name under which a receipt's image is kept for promotion."""
    return f"{KEPT}:{receipt_id}"


def inspect(client: DockerClient, name: str) -> LocalImage | None:
    """Return what the engine knows of an image; None if it has none of that name."""
    try:
        image = client.images.get(name)
    except ImageNotFound:
        return None
    attributes = image.attrs
    labels = attributes.get("Config", {}).get("Labels") or {}
    return LocalImage(
        id=str(image.id),
        config_digest=_config_digest(client, str(image.id)),
        architecture=str(attributes.get("Architecture", "")),
        revision=str(labels.get(REVISION_LABEL, "")),
    )


def keep(client: DockerClient, name: str, receipt_id: str) -> None:
    """Give an image the name that keeps it for its receipt."""
    client.images.get(name).tag(KEPT, receipt_id)


def forget(client: DockerClient, names: Sequence[str]) -> None:
    """Take these names away; an image goes with its last name. Those that are gone are no error."""
    for name in names:
        _untag(client, name)


def names_to_remove(ids_and_tags: Iterable[tuple[str, Sequence[str]]]) -> list[str]:
    """Return what to remove so that images go, but for those kept for a receipt.

    Given each image's id and tags. An image that is not kept goes by its id, with all its names; of
    one that is, only the other names go.
    """
    names: list[str] = []
    for image_id, tags in ids_and_tags:
        others = [tag for tag in tags if not tag.startswith(f"{KEPT}:")]
        names += [image_id] if len(others) == len(tags) else others
    return names


def push(
    client: DockerClient, receipt_id: str, repository: Repository, credentials: Credentials | None
) -> Iterator[dict[str, Any]]:
    """Push a receipt's image, its tag there being the receipt's id; yield the engine's reports.

    What an interrupted push has brought there already is not sent again. Raises ParityError with
    the engine's words when it fails.
    """
    login = None
    if credentials:
        login = {"username": credentials.username, "password": credentials.password}
    try:
        client.images.get(kept_name(receipt_id)).tag(repository.uri, receipt_id)
        reports = client.images.push(
            repository.uri, tag=receipt_id, stream=True, decode=True, auth_config=login
        )
        yield from checked(reports)
    except DockerException as error:
        raise ParityError(
            f"the push to {repository.uri} failed: {error}",
            hint="parity deploy    (goes on where this one ended)",
        ) from error
    finally:
        _untag(client, f"{repository.uri}:{receipt_id}")


def checked(reports: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Pass the engine's reports on, until one is an error. Raises ParityError for that."""
    for report in reports:
        if "error" in report:
            raise ParityError(
                f"the push was broken off: {report['error']}",
                hint="parity deploy    (goes on where this one ended)",
            )
        yield report


class PushProgress:
    """How far a push is, from the engine's reports layer by layer."""

    def __init__(self) -> None:
        self._sent: dict[str, int] = {}
        self._total: dict[str, int] = {}
        self._layers: set[str] = set()
        self._done: set[str] = set()

    def note(self, report: dict[str, Any]) -> None:
        """Take one report in."""
        layer, status = report.get("id", ""), report.get("status", "")
        if not layer:
            return
        if status in ("Preparing", "Waiting", "Pushing", "Pushed", "Layer already exists"):
            self._layers.add(layer)
        detail = report.get("progressDetail") or {}
        if status == "Pushing" and "current" in detail:
            self._sent[layer] = int(detail["current"])
            self._total[layer] = max(int(detail.get("total", 0)), int(detail["current"]))
        if status in ("Pushed", "Layer already exists"):
            self._done.add(layer)
            self._sent[layer] = self._total.get(layer, 0)

    def __str__(self) -> str:
        """Say it in a few words."""
        megabytes = f"{sum(self._sent.values()) / 1e6:.0f} of {sum(self._total.values()) / 1e6:.0f}"
        return f"{len(self._done)} of {len(self._layers)} layers, {megabytes} MB"


def _untag(client: DockerClient, name: str) -> None:
    # It was not tagged, or the engine is gone: neither matters to a push.
    with suppress(DockerException):
        client.images.remove(name, noprune=True)


def _config_digest(client: DockerClient, image_id: str) -> str:
    """Return the digest of an image's configuration.

    The engine's own store names an image by it; the containerd store, default of newer engines,
    names it by its manifest, so there the image is exported and looked into.
    """
    if not uses_containerd_store(client.info()):
        return image_id
    stream = client.api.get_image(image_id)
    return config_digest_in(_Stream(iter(stream)))


def uses_containerd_store(info: dict[str, Any]) -> bool:
    """Tell by `docker info` whether image ids are digests of manifests."""
    status = info.get("DriverStatus") or []
    return ["driver-type", "io.containerd.snapshotter.v1"] in [list(pair) for pair in status]


def config_digest_in(archive: IO[bytes] | _Stream) -> str:
    """Return the digest of the configuration that an archive of `docker save` names."""
    with tarfile.open(fileobj=archive, mode="r|") as files:  # type: ignore[call-overload]
        for entry in files:
            content = files.extractfile(entry) if entry.name == "manifest.json" else None
            if content is not None:
                path = str(json.load(content)[0]["Config"])
                return f"sha256:{path.rpartition('/')[2].removesuffix('.json')}"
    raise ParityError("Docker has exported an image without a manifest", hint="scripts/test")


class _Stream:
    """Chunks of bytes as a file that can be read once."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def read(self, size: int) -> bytes:
        """Return up to size bytes; fewer only at the end."""
        parts, held = [self._rest], len(self._rest)
        while held < size and (chunk := next(self._chunks, None)) is not None:
            parts.append(chunk)
            held += len(chunk)
        whole = b"".join(parts)
        self._rest = whole[size:]
        return whole[:size]
