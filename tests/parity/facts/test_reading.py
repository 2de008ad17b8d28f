"""The files of the local side are read as Compose, Docker and nginx themselves read them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from parity.facts.compose import Variables, chosen_files, read_compose, service
from parity.facts.dockerfile import read_dockerfile
from parity.facts.nginx import Source, dumped, read_nginx
from parity.facts.toml_nodes import read_toml
from parity.facts.units import mebibytes, seconds, words
from parity.facts.variables import substituted
from parity.host.command import succeeds
from tests.parity.facts.checkout import HTTPS_ENVIRONMENT, copied, local_side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parity.facts.node import Node

HAS_COMPOSE = succeeds(["docker", "compose", "version"])
EFS = {"COMPOSE_FILE": "compose.yaml:compose.efs.yaml"}
ARM64 = {"COMPOSE_FILE": "compose.yaml:compose.arm64.yaml"}
OVERRIDE = """
services:
  app:
    environment: [TZ=Europe/Berlin, STOP_SECONDS=7]
    command: python -m "a b"
    cap_drop: !override [CHOWN]
    tmpfs: !reset null
    volumes: ['./other:/mnt/data:ro']
    ulimits: {nproc: 100}
    healthcheck: {test: curl localhost, interval: 1m30s}
  nginx: {environment: {STICKINESS: 'off'}}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$A-${A}", "1-1"),
        ("${B:-x}", "x"),
        ("${EMPTY:-x}", "x"),
        ("${EMPTY-x}", ""),
        ("${A:+y}${B:+y}", "y"),
        ("${B:-${A}2}", "12"),
        ("$$A", "$A"),
        ("${B}", ""),
    ],
)
def test_variables_are_put_in(text: str, expected: str) -> None:
    """In every form that Compose knows."""
    assert substituted(text, {"A": "1", "EMPTY": ""}) == expected


@pytest.mark.parametrize("text", ["${B?missing}", "${A:?}${EMPTY:?no}", "${A", "$-", "${1}"])
def test_wrong_variables_are_refused(text: str) -> None:
    """One that must be set, and what is none."""
    with pytest.raises(ValueError, match=r"."):
        substituted(text, {"A": "1", "EMPTY": ""})


@pytest.mark.skipif(not HAS_COMPOSE, reason="without docker compose there is nothing to compare")
@pytest.mark.parametrize("environment", [{}, EFS, ARM64, HTTPS_ENVIRONMENT], ids=str)
@pytest.mark.parametrize("override", ["", OVERRIDE], ids=["as it is", "with an override"])
def test_files_say_what_docker_compose_makes_of_them(
    environment: Mapping[str, str], override: str, tmp_path: Path
) -> None:
    """Anchors, merges, variables, overrides: the same facts, by either reader."""
    folder = copied(tmp_path)
    given = dict(environment)
    if override:
        (folder / "compose.override.yaml").write_text(override)
        files = given.get("COMPOSE_FILE", "compose.yaml")
        given["COMPOSE_FILE"] = f"{files}:compose.override.yaml"
    clean = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    whole = subprocess.run(
        ["docker", "compose", "--project-directory", str(folder), "config", "--format", "json"],
        env=clean | {**given, "COMPOSE_FILE": _absolute(folder, given)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (folder / "whole.yaml").write_text(whole)
    theirs = read_compose([folder / "whole.yaml"], Variables({}, folder / ".none"))
    ours = read_compose(chosen_files(folder, given), Variables(given, folder / ".env"))
    assert sorted(ours["services"].items) == sorted(theirs["services"].items)
    for name in ("app", "nginx"):
        assert said(service(ours, name)) == said(service(theirs, name))


def _absolute(folder: Path, given: Mapping[str, str]) -> str:
    names = given.get("COMPOSE_FILE", "compose.yaml").split(":")
    return ":".join(str(folder / name) for name in names)


def said(owner: Node) -> dict[str, Any]:
    """Return what the facts read of a service, in one spelling."""
    limits = owner["deploy"]["resources"]["limits"]
    check = owner["healthcheck"]
    mounts = [_mount(each) for each in owner["volumes"]]
    return {
        "environment": {key: node.text for key, node in owner["environment"].items.items()},
        "command": list(words(owner["command"].plain)) if owner["command"] else None,
        "cpus": limits["cpus"].text and float(limits["cpus"].text),
        "memory": limits["memory"].text and mebibytes(limits["memory"].plain),
        "swap": owner["memswap_limit"].text and mebibytes(owner["memswap_limit"].plain),
        "grace": owner["stop_grace_period"].text and seconds(owner["stop_grace_period"].plain),
        "check": check["test"].plain
        if isinstance(check["test"].plain, list)
        else check["test"].text and ["CMD-SHELL", check["test"].text],
        "interval": check["interval"].text and seconds(check["interval"].plain),
        "ulimits": {name: node.plain for name, node in owner["ulimits"].items.items()},
        "mounts": mounts,
        **{
            key: owner[key].plain
            for key in ("init", "read_only", "cap_drop", "cap_add", "security_opt", "tmpfs")
        },
        "replicas": owner["deploy"]["replicas"].text,
        "platform": owner["platform"].text,
        "logging": owner["logging"].plain,
    }


def _mount(mount: Node) -> tuple[str, str, bool]:
    if mount["target"]:
        return mount["type"].text, mount["target"].text, mount["read_only"].text == "true"
    _, target, *options = mount.text.split(":")
    return "bind", target, options == ["ro"]


def test_value_of_a_variable_is_at_its_line_of_env(tmp_path: Path) -> None:
    """There it is to be changed, unless the environment wins over it."""
    folder = copied(tmp_path)
    grace = local_side(folder).app["stop_grace_period"]
    line = (folder / ".env").read_text().splitlines()[grace.where.line - 1]
    assert (Path(grace.where.file).name, line, grace.text) == (".env", "STOP_SECONDS=30", "30s")
    known = Variables({"STOP_SECONDS": "9"}, folder / ".env")
    given = service(read_compose([folder / "compose.yaml"], known), "app")["stop_grace_period"]
    assert (Path(given.where.file).name, given.text) == ("compose.yaml", "9s")


def test_dockerfile_of_two_stages(tmp_path: Path) -> None:
    """Only the last stage counts, with the stage it goes on from."""
    path = tmp_path / "Dockerfile"
    path.write_text(
        "ARG BASE=python:3.13\n"
        "FROM ${BASE} AS one\n"
        "ENV A=1 B='two words'\n"
        "USER 1:1\n"
        "FROM other AS two\n"
        "USER 9:9\n"
        "FROM one\n"
        "ARG UID=5\n"
        "# a comment\n"
        "RUN true \\\n"
        "    # another\n"
        "    && install -d -o ${UID} -g 6 -m 0700 /data\n"
        "EXPOSE 80/tcp 81\n"
        "HEALTHCHECK --interval=5s CMD curl localhost\n"
        'CMD ["a", "b c"]\n'
    )
    found: Any = read_dockerfile(path, {"UID": "7"}).plain
    assert found["From"] == "python:3.13"
    assert found["Env"] == {"A": "1", "B": "two words"}
    assert found["User"] == "1:1"
    assert found["Folders"] == {"/data": {"owner": "7:6", "mode": "0700"}}
    assert found["ExposedPorts"] == [80, 81]
    assert found["Healthcheck"] == {"interval": "5s", "test": ["CMD-SHELL", "curl localhost"]}
    assert found["Cmd"] == ["a", "b c"]


def test_nginx_directives_have_their_blocks_and_lines() -> None:
    """Includes among them, by pattern too; quotes and braces in words are no marks."""
    files = {
        "/etc/nginx/nginx.conf": Source(
            "http {\n  include a/*.conf;\n  map $x $y {\n d '{;}';\n }\n}", "n"
        ),
        "/etc/nginx/a/b.conf": Source("# none\n\nlisten 80 # c\n  ssl;", "b"),
    }
    found = read_nginx(files).directives
    assert [(each.name, each.text, str(each.where), each.blocks) for each in found] == [
        ("http", "", "n:1", ()),
        ("listen", "80 ssl", "b:3", ("http",)),
        ("map", "$x $y", "n:3", ("http",)),
        ("d", "{;}", "n:4", ("http", "map $x $y")),
    ]


def test_what_nginx_dumps_is_read_as_its_files_are() -> None:
    """`nginx -T` prints each file under a heading."""
    output = (
        "# configuration file /etc/nginx/nginx.conf:\nevents {}\n\n# configuration file /x:\na b;\n"
    )
    found = dumped(output, "nginx-1")
    assert found["/x"] == Source("a b;\n", "nginx-1:/x")
    assert [each.name for each in read_nginx(found).directives] == ["events"]


def test_toml_values_have_their_lines(tmp_path: Path) -> None:
    """And the columns of what could be replaced."""
    path = tmp_path / "config.toml"
    path.write_text('[a]\nport = 1 # one\n[server]\nport = 8501\nname = "x y"  # two\n')
    found = read_toml(path)["server"]
    assert (found["port"].plain, found["port"].where.line) == (8501, 4)
    assert json.dumps(found["name"].plain) == '"x y"'
    assert found["name"].written is not None
    assert not read_toml(tmp_path / "none.toml")
