"""Sources of real machines, in both of apt's formats, lead to the archive in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parity.host.distribution import (
    Archive,
    Distribution,
    find_archive,
    read_distribution,
    read_sources,
)

if TYPE_CHECKING:
    from pathlib import Path

DEBIAN_12 = Distribution("debian", "bookworm", "12")
DEBIAN_13 = Distribution("debian", "trixie", "13")
UBUNTU = Distribution("ubuntu", "noble", "24.04")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
DEB822 = f"""\
Types: deb
# http://snapshot.debian.org/archive/debian/20250520T000000Z
URIs: http://mirror.example/debian
Suites: SUITE SUITE-updates
Components: main
Signed-By: {KEYRING}

Types: deb
URIs: http://mirror.example/debian-security
Suites: SUITE-security
Components: main
Signed-By: {KEYRING}
"""
ONE_LINE = """\
#deb cdrom:[Debian GNU/Linux 12.5.0 _Bookworm_ - Official amd64 NETINST]/ bookworm main
deb cdrom:[Debian GNU/Linux 12.5.0]/ bookworm main
deb-src http://mirror.example/debian bookworm main
deb http://security.debian.example/debian-security bookworm-security main
deb [arch=amd64 signed-by=/etc/apt/keyrings/mirror.gpg] https://mirror.example/debian/ bookworm main
"""


@pytest.fixture
def apt(tmp_path: Path) -> Path:
    """An empty /etc/apt."""
    (tmp_path / "sources.list.d").mkdir()
    return tmp_path


@pytest.mark.parametrize("distribution", [DEBIAN_12, DEBIAN_13])
def test_debian_image_with_deb822_sources(apt: Path, distribution: Distribution) -> None:
    """As the official container images have them; the security archive is not the archive."""
    text = DEB822.replace("SUITE", distribution.codename)
    (apt / "sources.list.d" / "debian.sources").write_text(text)
    assert find_archive(distribution, apt) == Archive("http://mirror.example/debian", KEYRING)


def test_debian_installed_from_a_disc_with_one_line_sources(apt: Path) -> None:
    """The disc is no archive; the mirror and its keyring are kept."""
    (apt / "sources.list").write_text(ONE_LINE)
    archive = find_archive(DEBIAN_12, apt)
    assert archive == Archive("https://mirror.example/debian/", "/etc/apt/keyrings/mirror.gpg")


def test_ubuntu(apt: Path) -> None:
    """Ubuntu 24.04 has one file with all its suites."""
    (apt / "sources.list.d" / "ubuntu.sources").write_text(
        "Types: deb\nURIs: http://archive.ubuntu.com/ubuntu/\n"
        "Suites: noble noble-updates noble-backports\nComponents: main universe\n"
    )
    assert find_archive(UBUNTU, apt) == Archive("http://archive.ubuntu.com/ubuntu/", "")


def test_suite_named_stable_is_found_by_the_archives_address(apt: Path) -> None:
    """Some machines follow `stable` and never name the release."""
    (apt / "sources.list").write_text(
        "deb https://packages.example.com/apt stable main\n"
        "deb http://ftp.debian.example/debian stable main\n"
    )
    assert find_archive(DEBIAN_13, apt) == Archive("http://ftp.debian.example/debian", "")


def test_disabled_and_unread_sources_do_not_count(apt: Path) -> None:
    """Of all files, apt reads only *.list and *.sources, and heeds `Enabled: no`."""
    parts = apt / "sources.list.d"
    (parts / "old.list.save").write_text("deb http://old.example/debian bookworm main\n")
    (parts / "off.sources").write_text(
        "Types: deb\nURIs: http://off.example/debian\nSuites: bookworm\nEnabled: no\n"
    )
    (parts / "source.sources").write_text(
        "Types: deb-src\nURIs: http://source.example/debian\nSuites: bookworm\n"
    )
    assert read_sources(apt) == []
    assert find_archive(DEBIAN_12, apt) is None


def test_key_written_into_the_stanza_is_left_there(apt: Path) -> None:
    """Its lines are neither fields nor a path."""
    (apt / "sources.list.d" / "x.sources").write_text(
        "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm\nSigned-By:\n"
        " -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBGPL\n"
        " -----END PGP PUBLIC KEY BLOCK-----\n"
    )
    assert find_archive(DEBIAN_12, apt) == Archive("http://mirror.example/debian", "")


def test_machine_without_apt_has_no_archive(tmp_path: Path) -> None:
    """Fedora, macOS."""
    assert find_archive(Distribution("", "", ""), tmp_path / "none") is None


def test_archive_serves_another_suite_with_the_same_keyring() -> None:
    """How Debian 13's packages are reached from Debian 12."""
    assert Archive("http://a/debian", KEYRING).source("trixie") == (
        "Types: deb\nURIs: http://a/debian\nSuites: trixie\nComponents: main\n"
        f"Signed-By: {KEYRING}\n"
    )
    assert "Signed-By" not in Archive("http://a/debian", "").source("trixie")


@pytest.mark.parametrize(
    ("text", "expected", "has_packages"),
    [
        ('ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n', DEBIAN_12, True),
        ('ID=ubuntu\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\n', UBUNTU, True),
        ('ID="fedora"\nVERSION_ID=42\n', Distribution("fedora", "", "42"), False),
    ],
)
def test_os_release(
    tmp_path: Path,
    text: str,
    expected: Distribution,
    has_packages: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Values come quoted and bare."""
    file = tmp_path / "os-release"
    file.write_text(text)
    assert read_distribution(file) == expected
    assert read_distribution(file).has_packages is has_packages


def test_machine_without_os_release_has_no_packages(tmp_path: Path) -> None:
    """Such as macOS."""
    assert not read_distribution(tmp_path / "none").has_packages
