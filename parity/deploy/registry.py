"""A registry's manifests, read over its HTTP API: what an image is, independent of Docker.

https://distribution.github.io/distribution/spec/api/ and the OCI image specification's manifest.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS = 30
IMAGES = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
)
INDEXES = (
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.index.v1+json",
)
LOOPBACK = re.compile(r"(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?")
NOT_FOUND = 404


@dataclass(frozen=True)
class Credentials:
    """What a registry asks for; never printed."""

    username: str
    password: str

    def __repr__(self) -> str:
        """Tell nothing of the password."""
        return f"Credentials({self.username!r})"


@dataclass(frozen=True)
class Repository:
    """A repository of a registry. host: with its port, if any; name: below it."""

    host: str
    name: str
    credentials: Credentials | None = None

    @property
    def uri(self) -> str:
        """What goes before ':tag' or '@digest'."""
        return f"{self.host}/{self.name}"

    @property
    def url(self) -> str:
        """Where its API is; plain HTTP on this very machine only, as Docker does it."""
        scheme = "http" if LOOPBACK.fullmatch(self.host) else "https"
        return f"{scheme}://{self.host}/v2/{self.name}"


@dataclass(frozen=True)
class Manifest:
    """A manifest as the registry holds it. digest: of its bytes; body: those bytes."""

    digest: str
    media_type: str
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        """The parsed manifest."""
        document: dict[str, Any] = json.loads(self.body)
        return document

    @property
    def is_index(self) -> bool:
        """Whether it lists images of several platforms, instead of being one."""
        return self.media_type in INDEXES


@dataclass(frozen=True)
class PushedImage:
    """One image of one platform in a registry: the digest that is run, and its configuration's."""

    digest: str
    config_digest: str


def get_manifest(repository: Repository, reference: str) -> Manifest | None:
    """Return the manifest by tag or digest; None where there is none.

    The digest is computed from the bytes, not believed. Raises ParityError when the registry does
    not answer, refuses, or answers another digest than it was asked for.
    """
    answer = _ask(repository, "GET", reference, accept=", ".join((*IMAGES, *INDEXES)))
    if answer is None:
        return None
    body, headers = answer
    media_type = headers.get("Content-Type", "").partition(";")[0]
    manifest = Manifest(f"sha256:{hashlib.sha256(body).hexdigest()}", media_type, body)
    if reference.startswith("sha256:") and manifest.digest != reference:
        raise ParityError(
            f"{repository.uri}@{reference} was answered with {manifest.digest}",
            hint="run this again; if it stays so, the registry or a proxy alters what it serves",
        )
    return manifest


def find_image(repository: Repository, reference: str, config_digest: str) -> PushedImage | None:
    """Return the image that a tag or digest leads to; None where there is nothing.

    An index, as newer engines push it, is followed to the image whose configuration is the given
    one. Of a single image the configuration is returned, whichever it is: comparing is the
    caller's.
    """
    manifest = get_manifest(repository, reference)
    if manifest is None:
        return None
    if not manifest.is_index:
        return PushedImage(manifest.digest, config_digest_of(manifest))
    entries = [str(entry["digest"]) for entry in manifest.document.get("manifests", [])]
    found = [get_manifest(repository, digest) for digest in entries]
    images = [PushedImage(each.digest, config_digest_of(each)) for each in found if each]
    matching = [image for image in images if image.config_digest == config_digest]
    return next(iter([*matching, *images]), None)


def architecture_of(repository: Repository, image: PushedImage) -> str:
    """Return what an image's configuration says: amd64, arm64, ...; empty if it says nothing.

    Raises ParityError where the registry has no such configuration, or alters it.
    """
    answer = _request(repository, "GET", f"blobs/{image.config_digest}", {})
    body = answer[0] if answer else b""
    if f"sha256:{hashlib.sha256(body).hexdigest()}" != image.config_digest:
        raise ParityError(
            f"{repository.uri} has not the configuration {image.config_digest} of the image"
            f" {image.digest}",
            hint="parity status    (which other receipts were live)",
        )
    return str(json.loads(body).get("architecture", ""))


def config_digest_of(manifest: Manifest) -> str:
    """Return the digest of the configuration that an image's manifest names; empty if none."""
    return str(manifest.document.get("config", {}).get("digest", ""))


def add_tag(repository: Repository, digest: str, tag: str) -> None:
    """Give an image that the registry holds one more tag, without a pull or a push."""
    manifest = get_manifest(repository, digest)
    if manifest is None:
        raise ParityError(
            f"{repository.uri}@{digest} is no longer in the registry", hint="parity deploy"
        )
    _ask(repository, "PUT", tag, body=manifest.body, content_type=manifest.media_type)


def list_tags(repository: Repository) -> list[str]:
    """Return the repository's tags; none where there is no repository."""
    tags: list[str] = []
    path = "tags/list?n=1000"
    while path:
        answer = _request(repository, "GET", path, {})
        if answer is None:
            return tags
        body, headers = answer
        tags += json.loads(body).get("tags") or []
        following = re.search(r"<[^>]*/tags/list\?([^>]*)>;\s*rel=\"?next", headers.get("Link", ""))
        path = f"tags/list?{following[1]}" if following else ""
    return tags


def _ask(  # noqa: PLR0913 - each is a part of a request
    repository: Repository,
    method: str,
    reference: str,
    *,
    accept: str = "",
    body: bytes | None = None,
    content_type: str = "",
) -> tuple[bytes, Mapping[str, str]] | None:
    headers = {"Accept": accept, "Content-Type": content_type}
    given = {name: value for name, value in headers.items() if value}
    return _request(repository, method, f"manifests/{reference}", given, body)


def _request(
    repository: Repository,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
) -> tuple[bytes, Mapping[str, str]] | None:
    request = urllib.request.Request(  # noqa: S310 - the scheme is ours
        f"{repository.url}/{path}", data=body, headers=dict(headers), method=method
    )
    if repository.credentials:
        pair = f"{repository.credentials.username}:{repository.credentials.password}"
        basic = f"Basic {base64.b64encode(pair.encode()).decode()}"
        # A blob may lie elsewhere: ECR sends one to S3, which refuses what is signed twice.
        request.add_unredirected_header("Authorization", basic)
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - as above
            return answer.read(), dict(answer.headers.items())
    except urllib.error.HTTPError as error:
        if error.code == NOT_FOUND and method == "GET":
            return None
        raise ParityError(
            f"the registry {repository.host} refused {method} {path}: {error.code} {error.reason}",
            hint="parity deploy    (asks for a new token)",
            detail=error.read().decode(errors="replace"),
        ) from error
    except OSError as error:
        raise ParityError(
            f"the registry {repository.host} does not answer: {error}",
            hint="check the connection, then run this again",
        ) from error
