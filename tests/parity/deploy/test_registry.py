"""What an image is, read from a registry itself: ours of a few lines, and Debian's where it is."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from parity.deploy import registry
from parity.deploy.registry import Credentials, Repository, find_image, get_manifest
from parity.errors import ParityError
from tests.parity.deploy import registry_server
from tests.parity.deploy.registry_server import put_image, put_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.parity.deploy.registry_server import Registry


@pytest.fixture(params=["ours", "docker-registry"])
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Repository]:
    """Give an empty repository in a registry."""
    if request.param == "ours":
        with registry_server.running() as running:
            yield Repository(running.host, "chat")
    else:
        with contextlib.ExitStack() as running:
            try:
                host = running.enter_context(registry_server.running_debians(tmp_path))
            except ParityError as error:
                pytest.skip(error.what)
            yield Repository(host, "chat")


def test_image_is_found_by_tag_and_by_digest(repository: Repository) -> None:
    """Its manifest's digest and its configuration's, whichever way one asks."""
    put = put_image(repository.host, repository.name, "one")
    for reference in ("one", put.digest):
        found = find_image(repository, reference, put.config_digest)
        assert found == registry.PushedImage(put.digest, put.config_digest)


def test_what_is_not_there_is_none(repository: Repository) -> None:
    """Neither a tag, nor a repository."""
    assert get_manifest(repository, "none") is None
    assert find_image(repository, "sha256:" + "0" * 64, "") is None
    assert registry.list_tags(repository) == []
    put_image(repository.host, repository.name, "one")
    assert get_manifest(repository, "none") is None


def test_another_image_under_the_tag_is_returned_as_what_it_is(repository: Repository) -> None:
    """To compare the configurations is the caller's; here nothing is claimed."""
    put = put_image(repository.host, repository.name, "one", text="another")
    found = find_image(repository, "one", "sha256:" + "0" * 64)
    assert found is not None
    assert found.config_digest == put.config_digest


def test_index_leads_to_the_image_of_the_given_configuration(repository: Repository) -> None:
    """Engines with a containerd store push an index; what a task runs is one image of it."""
    puts = [put_image(repository.host, repository.name, name, text=name) for name in ("a", "b")]
    index = put_index(repository.host, repository.name, "both", puts)
    for put in puts:
        found = find_image(repository, "both", put.config_digest)
        assert found == registry.PushedImage(put.digest, put.config_digest)
        assert found.digest != index
    other = find_image(repository, "both", "sha256:" + "0" * 64)
    assert other is not None
    assert other.config_digest == puts[0].config_digest


def test_tag_is_added_without_a_push(repository: Repository) -> None:
    """The same manifest, by one more name."""
    put = put_image(repository.host, repository.name, "one")
    registry.add_tag(repository, put.digest, "live-one")
    assert find_image(repository, "live-one", "") == find_image(repository, "one", "")
    with pytest.raises(ParityError, match="no longer in the registry"):
        registry.add_tag(repository, "sha256:" + "0" * 64, "live-none")


def test_all_tags_are_listed_page_by_page(repository: Repository) -> None:
    """ECR and Docker's registry give a limited number at a time."""
    names = [f"tag-{number}" for number in range(5)]
    for name in names:
        put_image(repository.host, repository.name, name)
    assert sorted(registry.list_tags(repository)) == names


def test_altered_manifest_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A digest is computed from what came, not believed."""
    with registry_server.running() as running:
        repository = Repository(running.host, "chat")
        put = put_image(running.host, "chat", "one")
        media_type, body = running.manifests["chat", put.digest]
        monkeypatch.setitem(running.manifests, ("chat", put.digest), (media_type, body + b" "))
        with pytest.raises(ParityError, match="was answered with"):
            get_manifest(repository, put.digest)


@pytest.mark.parametrize("architecture", ["amd64", "arm64"])
def test_configuration_tells_what_processors_an_image_is_for(
    repository: Repository, architecture: str
) -> None:
    """Read from the registry, as no receipt may be here."""
    put = put_image(repository.host, repository.name, "one", architecture=architecture)
    found = find_image(repository, put.digest, "")
    assert found is not None
    assert registry.architecture_of(repository, found) == architecture


def test_configuration_that_lies_elsewhere_is_fetched_without_the_token(
    registry_of_ours: Registry,
) -> None:
    """ECR sends to S3 with a signature in the address, which refuses a second one."""
    repository = Repository(registry_of_ours.host, "chat", Credentials("AWS", "secret"))
    put = put_image(registry_of_ours.host, "chat", "one")
    image = registry.PushedImage(put.digest, put.config_digest)
    assert registry.architecture_of(repository, image) == "amd64"
    assert registry_of_ours.authorizations == ["Basic QVdTOnNlY3JldA==", ""]


def test_configuration_that_is_gone_or_altered_is_one_clear_error(
    registry_of_ours: Registry,
) -> None:
    """Its digest is computed from what came."""
    repository = Repository(registry_of_ours.host, "chat")
    put = put_image(registry_of_ours.host, "chat", "one")
    registry_of_ours.blobs[put.config_digest] += b" "
    for digest in (put.config_digest, "sha256:" + "0" * 64):
        with pytest.raises(ParityError, match=f"has not the configuration {digest}"):
            registry.architecture_of(repository, registry.PushedImage(put.digest, digest))


def test_refusal_is_one_clear_error(registry_of_ours: Registry) -> None:
    """An expired token, or a tag that may not be moved."""
    repository = Repository(registry_of_ours.host, "chat")
    put = put_image(registry_of_ours.host, "chat", "one")
    registry_of_ours.refusal = 403
    with pytest.raises(ParityError, match="refused PUT") as caught:
        registry.add_tag(repository, put.digest, "two")
    assert "DENIED" in caught.value.detail
    assert "parity deploy" in caught.value.hint


def test_silent_registry_is_one_clear_error() -> None:
    """Not a traceback of urllib."""
    with pytest.raises(ParityError, match="does not answer"):
        get_manifest(Repository("127.0.0.1:1", "chat"), "one")


def test_credentials_are_sent_and_never_shown(registry_of_ours: Registry) -> None:
    """ECR takes its token as the password of the user AWS."""
    repository = Repository(registry_of_ours.host, "chat", Credentials("AWS", "secret"))
    get_manifest(repository, "one")
    assert registry_of_ours.authorizations == ["Basic QVdTOnNlY3JldA=="]
    assert "secret" not in repr(repository)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1:5000", "http://127.0.0.1:5000/v2/chat"),
        ("localhost:5000", "http://localhost:5000/v2/chat"),
        ("localhost.example", "https://localhost.example/v2/chat"),
        ("1.dkr.ecr.us-east-1.amazonaws.com", "https://1.dkr.ecr.us-east-1.amazonaws.com/v2/chat"),
    ],
)
def test_plain_http_is_for_this_machine_only(host: str, url: str) -> None:
    """As Docker itself has it."""
    assert Repository(host, "chat").url == url


@pytest.fixture
def registry_of_ours() -> Iterator[Registry]:
    """Give the registry of a few lines."""
    with registry_server.running() as running:
        yield running
