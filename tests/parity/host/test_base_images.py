"""Public images where they can be had, stand-ins else, and it is said which."""

from __future__ import annotations

import pytest

from parity.errors import ParityError
from parity.host import base_images
from parity.host.base_images import (
    BaseImage,
    BaseImages,
    bootstrap_command,
    bootstrap_tools,
    nginx_base,
    python_base,
)
from parity.host.distribution import Archive, Distribution

PUBLIC = python_base("python:3.13")


def test_bootstrap_takes_the_archive_and_keyring_of_this_machine() -> None:
    """A mirror that is configured is the one that is in reach."""
    argv = bootstrap_command(nginx_base("nginx:stable"), Archive("http://m/debian", "/k.gpg"))
    assert argv[0] == "mmdebstrap"
    assert argv[-1] == "deb [signed-by=/k.gpg] http://m/debian trixie main"
    assert "--include=nginx-light,libnginx-mod-http-js,ca-certificates" in argv
    unsigned = bootstrap_command(PUBLIC, Archive("http://m/debian", ""))
    assert unsigned[-1] == "deb http://m/debian trixie main"


def test_bootstrap_on_ubuntu_leaves_the_archive_to_mmdebstrap() -> None:
    """Ubuntu's own archive has no Debian suite, but mmdebstrap knows where Debian's is."""
    assert bootstrap_command(PUBLIC, None)[-2:] == ["trixie", "-"]


def test_stand_in_of_another_architecture_has_a_name_of_its_own() -> None:
    """It must not take the place of this machine's."""
    foreign = python_base("python:3.13", "arm64")
    assert foreign.stand_in == f"{PUBLIC.stand_in}-arm64"
    assert "--architectures=arm64" in bootstrap_command(foreign, None)
    assert not any("--architectures" in part for part in bootstrap_command(PUBLIC, None))


def test_stand_in_of_another_architecture_needs_a_tool_more() -> None:
    """Where the kernel emulates already, nobody has installed arch-test yet."""
    assert bootstrap_tools(PUBLIC) == ("mmdebstrap",)
    assert bootstrap_tools(python_base("python:3.13", "arm64")) == ("mmdebstrap", "arch-test")


def test_public_image_of_another_architecture_is_left_to_the_build() -> None:
    """Pulled by its name, it would replace the native one that has the same name."""
    foreign = python_base("python:3.13", "arm64")
    assert base_images.ensure_foreign_base(foreign, native="python:3.13") == "python:3.13"


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (BaseImages("python:3.13", "nginx:stable"), "Base images: public (python:3.13"),
        (
            BaseImages("parity-kit/python-standin:trixie", "parity-kit/nginx-standin:trixie"),
            "Base images: stand-ins built from Debian packages: parity-kit/python-standin",
        ),
        (BaseImages("python:3.13", "parity-kit/nginx-standin:trixie"), "one stand-in"),
    ],
)
def test_which_bases_are_in_use_is_said(images: BaseImages, said: str) -> None:
    """A stand-in is never taken for the public image."""
    assert said in str(images)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ({"python:3.13", PUBLIC.stand_in}, "python:3.13"),
        ({PUBLIC.stand_in}, PUBLIC.stand_in),
    ],
)
def test_what_the_engine_holds_is_used_without_asking_a_registry(
    monkeypatch: pytest.MonkeyPatch, held: set[str], expected: str
) -> None:
    """Quick, and works offline."""
    monkeypatch.setattr(base_images, "image_exists", held.__contains__)
    monkeypatch.setattr(base_images, "complaint", lambda *_, **__: pytest.fail("asked a registry"))
    assert base_images.ensure_base(PUBLIC) == expected


def test_stand_in_is_built_when_the_pull_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """No registry in reach is no error where Debian's packages are."""
    built: list[BaseImage] = []
    monkeypatch.setattr(base_images, "image_exists", lambda _: False)
    monkeypatch.setattr(base_images, "complaint", lambda *_, **__: "no route")
    monkeypatch.setattr(base_images, "_build_stand_in", built.append)
    assert base_images.ensure_base(PUBLIC) == PUBLIC.stand_in
    assert built == [PUBLIC]


def test_without_registry_and_debian_archive_there_is_one_clear_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Such as on Fedora without a network."""
    monkeypatch.setattr(base_images, "read_distribution", lambda: Distribution("fedora", "", "42"))
    with pytest.raises(ParityError, match=r"python:3\.13 cannot be pulled"):
        base_images._build_stand_in(PUBLIC)


def test_half_made_stand_in_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the next run would build on it."""
    removed: list[list[str]] = []

    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(base_images, "can_build_stand_ins", lambda _: True)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(base_images, "_import", broken)
    monkeypatch.setattr(base_images, "succeeds", removed.append)
    with pytest.raises(KeyboardInterrupt):
        base_images._build_stand_in(PUBLIC)
    assert removed == [["docker", "image", "rm", PUBLIC.stand_in]]
