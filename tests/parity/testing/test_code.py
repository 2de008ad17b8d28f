"""Nothing that there is goes unchecked."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from parity.host.isolated_tool import TOOLS
from parity.project import ROOT
from parity.testing import code as checks

if TYPE_CHECKING:
    from pathlib import Path

CHECKOV = TOOLS / "checkov" / "bin" / "checkov"


def test_shell_scripts_are_found_by_their_first_line() -> None:
    """New scripts are linted without being listed anywhere."""
    scripts = checks.shell_scripts()
    assert {"scripts/up", "scripts/test", "scripts/parity", "nginx/register_targets.sh"} <= {
        *scripts
    }
    assert "nginx/nginx.conf" not in scripts


def test_everything_that_is_typed_is_checked() -> None:
    """Its targets are the packages that there are."""
    assert "parity" in checks.lint_commands()["mypy"]
    assert "app" in checks.lint_commands()["mypy"]


@pytest.mark.skipif(not CHECKOV.exists(), reason="`parity test` installs checkov before this")
@pytest.mark.parametrize(
    ("planted", "code"), [("", 0), ("Encrypted: false", 1)], ids=["as it is", "not encrypted"]
)
def test_checkov_passes_the_templates_and_fails_on_a_planted_fault(
    tmp_path: Path, planted: str, code: int
) -> None:
    """What is skipped is a list of checks, not the whole."""
    shutil.copytree(ROOT / "infra", tmp_path / "infra")
    template = tmp_path / "infra" / "template.yml"
    if planted:
        text = template.read_text()
        assert text.count("Encrypted: true") == 1
        template.write_text(text.replace("Encrypted: true", planted))
    done = subprocess.run(
        checks.checkov_command(CHECKOV),
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert ("FileSystem" in done.stdout) == bool(planted)
    assert "http" not in done.stderr  # it called nobody
