"""What is found in the folder of an app; nothing is ever written there."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parity.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

USUAL_ENTRIES = ("streamlit_app.py", "app.py")
# What is no part of the app, or no page to begin with.
PASSED_OVER = {"node_modules", "site-packages", "__pycache__", "pages", "tests", "test"}
VIRTUAL_ENVIRONMENT = "pyvenv.cfg"
CONFIG = ".streamlit/config.toml"
# Never in an image: whoever can pull it could read them. The replicas see copies of them.
SECRET_FILES = (".streamlit/secrets.toml", ".env")
OTHER_LISTS = ("Pipfile", "environment.yml", "poetry.lock", "uv.lock", "setup.py")
MOST_FILES = 2000
_IMPORT = re.compile(r"^[ \t]*(?:import|from)[ \t]+streamlit\b", re.MULTILINE)
_STREAMLIT = re.compile(r"^streamlit(?![\w-])", re.IGNORECASE)
_BESIDE = re.compile(
    r"^(?:-[rce]\b|--(?:requirement|constraint|editable)\b|\.|file:|[^#]*@ *file:)"
)


@dataclass(frozen=True)
class Folder:
    """An app in a folder.

    entry: what `streamlit run` is given, from the folder. listed: what to install, a line each.
    source: the file that says so; empty where none does. needs_folder: some line of it names a file
    beside it. python: the version that it asks for, such as 3.12; empty for any. dockerfile:
    whether it has one of its own. secrets: which of SECRET_FILES it has. health_path: where it says
    how it is. notes: what the user may not have expected.
    """

    path: Path
    entry: str
    listed: tuple[str, ...]
    source: str
    needs_folder: bool
    python: str
    dockerfile: bool
    secrets: tuple[str, ...]
    health_path: str
    notes: tuple[str, ...]

    @property
    def name(self) -> str:
        """What the folder is called."""
        return self.path.name


def look_at(path: Path, *, entry: str | None = None, own_dockerfile: bool = True) -> Folder:
    """Find out how to run the app in a folder.

    entry: the file to run, where it is not found by itself. own_dockerfile: whether one in the
    folder counts. Raises UsageError that quotes what was found where that is not enough.
    """
    has_dockerfile = own_dockerfile and (path / "Dockerfile").is_file()
    found = _entry(path, entry) if entry or not has_dockerfile else _entry_if_any(path)
    listed, source, notes = _requirements(path)
    _toml(path, CONFIG)  # Streamlit passes over one that it cannot read, and says so in its log
    if not any(_STREAMLIT.match(line) for line in listed):
        listed = ("streamlit", *listed)
        if source and not has_dockerfile:
            notes = (*notes, f"'{source}' does not name streamlit: its newest version is installed")
    return Folder(
        path=path,
        entry=found,
        listed=listed,
        source=source,
        needs_folder=any(_BESIDE.match(line) for line in listed),
        python=_python(path),
        dockerfile=has_dockerfile,
        secrets=tuple(name for name in SECRET_FILES if (path / name).is_file()),
        health_path=_health_path(path),
        notes=() if has_dockerfile else notes,
    )


def _entry(path: Path, wanted: str | None) -> str:
    if wanted:
        if not (path / wanted).is_file():
            raise UsageError(
                f"there is no '{wanted}' in '{path}'", hint=f"ls {path}, then --entry FILE"
            )
        return wanted
    for name in USUAL_ENTRIES:
        if (path / name).is_file() and _imports_streamlit(path / name):
            return name
    pages = sorted(_pages(path))
    top = [name for name in pages if "/" not in name] or pages
    if len(top) == 1:
        return top[0]
    if not top:
        raise UsageError(
            f"no Streamlit app in '{path}': {_python_files(path)} imports streamlit",
            hint="parity adopt PATH, with the folder that holds streamlit_app.py or app.py",
        )
    raise UsageError(
        f"'{path}' has {len(top)} files that import streamlit: {', '.join(top)}",
        hint=f"parity adopt {path} --entry {top[0]}    (whichever `streamlit run` is given)",
    )


def _entry_if_any(path: Path) -> str:
    try:
        return _entry(path, None)
    except UsageError:
        return ""  # the Dockerfile knows


def _python_files(path: Path) -> str:
    names = sorted(str(file.relative_to(path)) for file in _sources(path))
    if not names:
        return "it has no Python file, so nothing"
    listed = ", ".join(names[:4]) + (" ..." if len(names) > 4 else "")  # noqa: PLR2004
    return f"none of its Python files ({listed})"


def _pages(path: Path) -> Iterator[str]:
    for file in _sources(path):
        if _imports_streamlit(file):
            yield file.relative_to(path).as_posix()


def _sources(path: Path) -> Iterator[Path]:
    """Yield the app's own Python files, at most so many."""
    pending, count = [path], 0
    while pending and count < MOST_FILES:
        for each in sorted(pending.pop().iterdir()):
            if each.is_dir() and not each.is_symlink():
                skipped = each.name.startswith(".") or each.name in PASSED_OVER
                if not skipped and not (each / VIRTUAL_ENVIRONMENT).exists():
                    pending.append(each)
            elif each.suffix == ".py" and each.is_file():
                count += 1
                yield each


def _imports_streamlit(file: Path) -> bool:
    return bool(_IMPORT.search(_text(file)))


def _health_path(path: Path) -> str:
    """Return the app's own path where some file of it names one, else Streamlit's.

    Streamlit answers any path with its page, so asking would tell nothing.
    """
    own = any("/healthz" in _text(file) for file in _sources(path))
    return "/healthz" if own else "/_stcore/health"


def _requirements(path: Path) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """Return what to install, the file that says so, and what to tell of it."""
    file = path / "requirements.txt"
    if file.is_file():
        lines = (line.strip() for line in _text(file).splitlines())
        kept = tuple(line for line in lines if line and not line.startswith("#"))
        return kept, file.name, ()
    project = _pyproject(path)
    if "dependencies" in project.get("project", {}):
        return tuple(map(str, project["project"]["dependencies"])), "pyproject.toml", ()
    for name in OTHER_LISTS:
        if (path / name).is_file():
            raise UsageError(
                f"'{path}' lists what it needs in '{name}', which pip cannot read",
                hint=f"write it into {path / 'requirements.txt'}    (poetry export, uv export,"
                " pip freeze), then run this again",
            )
    return (), "", ("no requirements.txt and no pyproject.toml: only streamlit is installed",)


def _python(path: Path) -> str:
    """Return the minor version of Python that the folder asks for."""
    for name in (".python-version", "runtime.txt"):
        if (path / name).is_file() and (found := re.search(r"3\.\d+", _text(path / name))):
            return found[0]
    wanted = str(_pyproject(path).get("project", {}).get("requires-python", ""))
    exact = re.search(r"(?:==|~=) *(3\.\d+)", wanted)
    return exact[1] if exact else ""


def _pyproject(path: Path) -> dict[str, Any]:
    return _toml(path, "pyproject.toml")


def _toml(path: Path, name: str) -> dict[str, Any]:
    """Return what a file says, nothing where there is none. Raises UsageError if it is no TOML."""
    file = path / name
    if not file.is_file():
        return {}
    try:
        return tomllib.loads(_text(file))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            f"'{file}' cannot be read: {error}", hint=f"correct it, then: parity adopt {path}"
        ) from error


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")
