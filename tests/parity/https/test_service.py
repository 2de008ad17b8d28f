"""HTTPS of a stack as the commands see it; what needs no engine."""

from __future__ import annotations

import ssl
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yaml

from parity import stack
from parity.errors import ParityError
from parity.host import preflight
from parity.https import files, service, trust
from parity.project import HTTPS_OVERRIDE, ROOT, read_settings

if TYPE_CHECKING:
    from pathlib import Path

    from parity.project import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Give a stack with HTTPS whose files are the test's own."""
    monkeypatch.setattr(files, "FOLDER", tmp_path)
    options = {"COMPOSE_PROJECT_NAME": "p", "PORT": "1080", "HTTPS_PORT": "1443"}
    return service.wanted(read_settings(options))


def test_stack_stays_https_until_it_is_started_without(settings: Settings) -> None:
    """Every command finds out by itself, as with EFS semantics; the authority outlives it."""
    plain = replace(settings, overrides=())
    assert service.as_running(plain) == plain
    service.ensure_certificate(settings)
    assert service.as_running(plain) == settings
    assert service.wanted(settings) == settings
    service.note_off(settings)
    service.note_off(settings)
    assert service.as_running(plain) == plain
    assert service.authority(settings).exists()


def test_url_is_the_https_listeners(settings: Settings) -> None:
    """PORT leads there."""
    assert settings.url == "https://localhost:1443"
    assert replace(settings, overrides=()).url == "http://localhost:1080"


def test_override_gives_nginx_a_second_port_and_the_certificate(settings: Settings) -> None:
    """It changes nginx and no more, and reads what Compose is given."""
    service.ensure_certificate(settings)
    text = (ROOT / HTTPS_OVERRIDE).read_text()
    given = stack.compose_environment(settings)
    for name in ("HTTPS_PORT", "HTTPS_FOLDER", "HTTPS_CERTIFICATE"):
        assert f"${{{name}}}" in text
        assert given[name]
    assert given["COMPOSE_FILE"].endswith(HTTPS_OVERRIDE)
    services = yaml.safe_load(text)["services"]
    assert set(services) == {"nginx", "certificate"}
    assert services["nginx"]["ports"] == ["127.0.0.1:${HTTPS_PORT}:8443"]


def test_images_can_be_built_before_there_is_a_certificate(settings: Settings) -> None:
    """Compose reads the override then, too; only a start needs the files."""
    assert stack.compose_environment(settings)["HTTPS_CERTIFICATE"]
    assert not service.is_on(settings.project)


def test_key_becomes_that_of_nginx_user(settings: Settings) -> None:
    """The user that the image names, and the file that the kit writes."""
    services = yaml.safe_load((ROOT / HTTPS_OVERRIDE).read_text())["services"]
    user = next(
        line.split()[1]
        for line in (ROOT / "nginx" / "Dockerfile").read_text().splitlines()
        if line.startswith("USER ")
    )
    key = files.of(settings.project).key.name
    assert services["certificate"]["entrypoint"] == ["chown", user, f"/mnt/https/{key}"]
    assert f"ssl_certificate_key /mnt/https/{key};" in (ROOT / "nginx" / "listen.sh").read_text()


@pytest.mark.parametrize("name", ["PORT", "BEDROCK_PORT"])
def test_two_listeners_cannot_have_one_port(settings: Settings, name: str) -> None:
    """It is said before anything is started; without HTTPS it does not matter."""
    clashing = replace(settings, https_port=getattr(settings, name.lower()))
    with pytest.raises(ParityError, match="HTTPS_PORT") as caught:
        preflight.check_ports(clashing)
    assert caught.value.hint.startswith("HTTPS_PORT=")


def test_only_a_stack_with_https_needs_to_be_trusted(settings: Settings) -> None:
    """And then by each kind of client."""
    plain = replace(settings, overrides=())
    assert trust.context(plain) is None
    assert (trust.environment(plain), trust.chromium_arguments(plain)) == ({}, ())
    service.ensure_certificate(settings)
    context = trust.context(settings)
    assert context is not None
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
    assert [each["subject"] for each in context.get_ca_certs()] == [
        ((("commonName", "Parity Kit (p)"),),)
    ]
    authority = str(service.authority(settings))
    assert set(trust.environment(settings).values()) == {authority}
    (argument,) = trust.chromium_arguments(settings)
    assert argument.startswith("--ignore-certificate-errors-spki-list=")


def test_user_is_told_how_to_trust_it(settings: Settings) -> None:
    """By a command that can be copied."""
    service.ensure_certificate(settings)
    said = service.how_to_trust(settings)
    assert "curl --cacert " in said
    assert "ca.pem https://localhost:1443" in said
