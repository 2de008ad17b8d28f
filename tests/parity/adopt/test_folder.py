"""What an app's folder holds: files alone, no Docker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parity.adopt.folder import look_at
from parity.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "import streamlit as st\nst.title('x')\n"
OTHER = "def add(a, b):\n    return a + b\n"


def make(folder: Path, **files: str) -> Path:
    """Write files; in a name, '__' stands for a slash and the last '_' for the dot."""
    for name, text in files.items():
        path, _, suffix = name.replace("__", "/").rpartition("_")
        file = folder / f"{path}.{suffix}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


@pytest.mark.parametrize(
    ("files", "entry"),
    [
        ({"streamlit_app_py": PAGE, "app_py": PAGE, "ui_py": PAGE}, "streamlit_app.py"),
        ({"app_py": PAGE, "ui_py": PAGE}, "app.py"),
        ({"app_py": OTHER, "ui_py": PAGE}, "ui.py"),
        ({"main_py": OTHER, "src__ui_py": "    from streamlit import write\n"}, "src/ui.py"),
        ({"ui_py": PAGE, "src__widgets_py": PAGE}, "ui.py"),
        ({"Home_py": PAGE, "pages__one_py": PAGE, "tests__test_ui_py": PAGE}, "Home.py"),
        ({"ui_py": PAGE, "streamlit_extras_py": "import streamlit_extras"}, "ui.py"),
    ],
)
def test_entry_is_found(tmp_path: Path, files: dict[str, str], entry: str) -> None:
    """By the usual names, else the only file that imports streamlit; upper folders come first."""
    assert look_at(make(tmp_path, **files)).entry == entry


def test_virtual_environment_is_no_part_of_the_app(tmp_path: Path) -> None:
    """Whatever it is called."""
    make(tmp_path, ui_py=PAGE, mine__pyvenv_cfg="", mine__lib__demo_py=PAGE)
    assert look_at(tmp_path).entry == "ui.py"


def test_several_pages_are_quoted_and_one_can_be_named(tmp_path: Path) -> None:
    """The error has the command that goes on."""
    make(tmp_path, one_py=PAGE, two_py=PAGE)
    with pytest.raises(UsageError, match=r"2 files that import streamlit: one\.py, two\.py") as no:
        look_at(tmp_path)
    assert f"parity adopt {tmp_path} --entry one.py" in no.value.hint
    assert look_at(tmp_path, entry="two.py").entry == "two.py"
    with pytest.raises(UsageError, match=r"no 'three\.py'"):
        look_at(tmp_path, entry="three.py")


@pytest.mark.parametrize(
    ("files", "told"), [({}, "it has no Python file"), ({"sums_py": OTHER}, r"\(sums\.py\)")]
)
def test_folder_without_an_app_is_an_error(
    tmp_path: Path, files: dict[str, str], told: str
) -> None:
    """That says what was looked at."""
    with pytest.raises(UsageError, match=told):
        look_at(make(tmp_path, **files))


def test_requirements_come_from_the_file_that_lists_them(tmp_path: Path) -> None:
    """requirements.txt, else pyproject.toml; streamlit is always among them."""
    make(tmp_path, app_py=PAGE, pyproject_toml='[project]\ndependencies = ["Streamlit>=1.40"]\n')
    found = look_at(tmp_path)
    assert (found.listed, found.source, found.notes) == (
        ("Streamlit>=1.40",),
        "pyproject.toml",
        (),
    )
    make(tmp_path, requirements_txt="# tools\nboto3\n\n-r more.txt\n")
    found = look_at(tmp_path)
    assert found.listed == ("streamlit", "boto3", "-r more.txt")
    assert found.needs_folder
    assert "does not name streamlit" in found.notes[0]


def test_app_that_lists_nothing_gets_streamlit_alone(tmp_path: Path) -> None:
    """And its owner is told."""
    found = look_at(make(tmp_path, app_py=PAGE))
    assert found.listed == ("streamlit",)
    assert "only streamlit is installed" in found.notes[0]


@pytest.mark.parametrize("name", ["Pipfile", "poetry.lock", "environment.yml"])
def test_list_that_pip_cannot_read_is_an_error(tmp_path: Path, name: str) -> None:
    """Rather than an app that lacks what it needs."""
    make(tmp_path, app_py=PAGE)
    (tmp_path / name).write_text("")
    with pytest.raises(UsageError, match=name):
        look_at(tmp_path)


@pytest.mark.parametrize("name", ["pyproject.toml", ".streamlit/config.toml"])
def test_broken_toml_is_quoted(tmp_path: Path, name: str) -> None:
    """With the line that is wrong, and the next command."""
    file = make(tmp_path, app_py=PAGE) / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("[project\n")
    with pytest.raises(UsageError, match=rf"{name}' cannot be read: .*line 1") as no:
        look_at(tmp_path)
    assert f"parity adopt {tmp_path}" in no.value.hint


@pytest.mark.parametrize(
    ("name", "text", "python"),
    [
        (".python-version", "3.11.4\n", "3.11"),
        ("runtime.txt", "python-3.12\n", "3.12"),
        ("pyproject.toml", '[project]\nrequires-python = "==3.12.*"\n', "3.12"),
        ("pyproject.toml", '[project]\nrequires-python = ">=3.9"\n', ""),
        ("notes.txt", "3.9", ""),
    ],
)
def test_python_is_what_the_folder_asks_for(
    tmp_path: Path, name: str, text: str, python: str
) -> None:
    """A lower bound asks for nothing: the newest will do."""
    make(tmp_path, app_py=PAGE)
    (tmp_path / name).write_text(text)
    assert look_at(tmp_path).python == python


def test_health_path_is_streamlit_s_unless_the_app_has_its_own(tmp_path: Path) -> None:
    """Any other path would be answered with the page, well or not."""
    make(tmp_path, app_py=PAGE)
    assert look_at(tmp_path).health_path == "/_stcore/health"
    make(tmp_path, server_py='routes = [Route("/healthz", health)]')
    assert look_at(tmp_path).health_path == "/healthz"


def test_own_dockerfile_needs_no_entry(tmp_path: Path) -> None:
    """It knows what it starts, and what it installs; unless it is to be ignored."""
    make(tmp_path, one_py=PAGE, two_py=PAGE)
    (tmp_path / "Dockerfile").write_text("FROM x\n")
    found = look_at(tmp_path)
    assert (found.dockerfile, found.entry, found.notes) == (True, "", ())
    with pytest.raises(UsageError, match="2 files"):
        look_at(tmp_path, own_dockerfile=False)


def test_nothing_is_written_into_the_folder(tmp_path: Path) -> None:
    """It may be read-only, or somebody's checkout."""
    make(tmp_path, app_py=PAGE, requirements_txt="streamlit")
    before = sorted(tmp_path.rglob("*"))
    look_at(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before
