"""What cannot be read is one clear error with file and line, never a traceback."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from parity.errors import ParityError
from parity.facts.check import check
from parity.facts.formats.document import document
from parity.facts.parameters import chosen
from parity.facts.sides import Choices, load_sides
from parity.project import ROOT
from parity.template.load import load
from tests.parity.facts.checkout import (
    PLAIN,
    Edit,
    cloud_side,
    copied,
    flagged,
    local_side,
    over,
    shipped,
    template,
)
from tests.parity.template.changing import put

if TYPE_CHECKING:
    from collections.abc import Callable

COMPOSE, NGINX = "compose.yaml", "nginx/nginx.conf"
FIRST = "x-service: &service"
# What is wrong, and how the error begins: file, line, and some of its words.
WRONG: dict[str, tuple[Edit, str, str]] = {
    "broken YAML": (Edit(COMPOSE, "services:\n", "services: [\n"), COMPOSE, "expected"),
    "a tab": (Edit(COMPOSE, "  app:\n", "\tapp:\n"), COMPOSE, "cannot start any token"),
    "a key twice": (
        Edit(COMPOSE, "    tmpfs: [", "    init: true\n    init: true\n    tmpfs: ["),
        COMPOSE,
        "'init' is there twice",
    ),
    "an alias of nothing": (Edit(COMPOSE, "*memory", "*nothing"), COMPOSE, "undefined alias"),
    "a list": (Edit(COMPOSE, "", "- a\n"), COMPOSE, "it is no mapping"),
    "an empty file": (
        Edit("compose.override.yaml", "", "\n"),
        "compose.override.yaml",
        "no Compose",
    ),
    "no services": (Edit(COMPOSE, "", "name: x\n"), COMPOSE, "it has no services"),
    "another service": (
        Edit(COMPOSE, "", "services:\n  web: {image: x}\n"),
        COMPOSE,
        "there is no service 'app'",
    ),
    "a variable that must be set": (
        over('environment: {A: "${NOT_SET:?it is needed}"}'),
        "compose.override.yaml",
        "NOT_SET must be set: it is needed",
    ),
    "a variable without an end": (
        over('environment: {A: "${NOT_SET"}'),
        "compose.override.yaml",
        "without its }",
    ),
    "extends": (over("extends: {service: x}"), "compose.override.yaml", "'extends' is not read"),
    "a wrong number": (
        Edit(COMPOSE, 'cpus: "0.25"', 'cpus: "a quarter"'),
        COMPOSE,
        "is no number",
    ),
    "a wrong size": (Edit(COMPOSE, "512M", "plenty"), COMPOSE, "'plenty' is no size"),
    "a wrong duration": (
        over("stop_grace_period: soon"),
        "compose.override.yaml",
        "'soon' is no duration",
    ),
    "a wrong boolean": (
        over("read_only: perhaps"),
        "compose.override.yaml",
        "'perhaps' is neither true nor false",
    ),
    "no Dockerfile": (
        over("build: {dockerfile: Other}"),
        "compose.override.yaml",
        "there is no",
    ),
    "a Dockerfile without FROM": (
        Edit("app/Dockerfile", "", "USER 1\n"),
        "app/Dockerfile",
        "no FROM",
    ),
    "a wrong CMD": (
        Edit("app/Dockerfile", 'CMD ["streamlit"', 'CMD ["streamlit'),
        "app/Dockerfile",
        "no JSON list",
    ),
    "broken TOML": (
        Edit("app/.streamlit/config.toml", "port = 8501", "port = "),
        "app/.streamlit/config.toml",
        "Invalid value",
    ),
    "broken JSON": (
        Edit("nginx/attributes.json", '"Port": 8501', '"Port": ]'),
        "nginx/attributes.json",
        "expected",
    ),
    "an attribute of another kind": (
        Edit("nginx/attributes.json", '"Port": 8501', '"Port": "http"'),
        "nginx/attributes.json",
        "is no number",
    ),
    "an include that is not there": (
        Edit(NGINX, "include limits.conf", "include none.conf"),
        NGINX,
        "include 'none.conf': there is no such file",
    ),
    "a brace too few": (Edit(NGINX, "events {", "events "), NGINX, "unexpected"),
    "a quote without an end": (
        Edit(NGINX, "error_log stderr", "error_log 'stderr"),
        NGINX,
        "quote|unexpected",
    ),
    "an app that is no Python": (
        Edit("app/settings.py", "", "def\n"),
        "app/settings.py",
        "no Python",
    ),
}


@pytest.mark.parametrize(("edit", "file", "words"), WRONG.values(), ids=WRONG)
def test_local_file_that_cannot_be_read(edit: Edit, file: str, words: str, tmp_path: Path) -> None:
    """File, line, what is wrong, and what to do."""
    folder = copied(tmp_path)
    edit.make(folder)
    with pytest.raises(ParityError) as caught:
        check(local_side(folder), cloud_side())
    assert re.match(rf"{re.escape(str(folder / file))}:\d+: ", caught.value.what), caught.value.what
    assert re.search(words, caught.value.what), caught.value.what
    assert caught.value.hint


TEMPLATES: dict[str, tuple[str, str]] = {
    "broken YAML": ("Resources: [", r"t\.yml:\d+: "),
    "an unknown tag": (
        "Resources: {A: {Type: B, Properties: {C: !Reff d}}}",
        r"t\.yml:1: unknown tag",
    ),
    "an unknown intrinsic": (
        "Resources:\n  A:\n    Type: B\n    Properties:\n      C: {'Fn::Reff': d}\n",
        r"t\.yml:5: unknown function 'Fn::Reff'",
    ),
    "a parameter without a value": (
        "Parameters:\n  Size: {Type: String}\nResources: {}\n",
        r"t\.yml:2: the parameter 'Size' has no value",
    ),
    "no service": ("Resources: {A: {Type: 'AWS::SNS::Topic'}}", r"t\.yml:1: no service has"),
    "no template": ("a: b", r"t\.yml:1: no CloudFormation template"),
}


@pytest.mark.parametrize(("text", "expected"), TEMPLATES.values(), ids=TEMPLATES)
def test_template_that_cannot_be_read(text: str, expected: str, tmp_path: Path) -> None:
    """The same for the cloud side."""
    path = tmp_path / "t.yml"
    path.write_text(text)
    with pytest.raises(ParityError) as caught:
        check(*load_sides(Choices(template=path), {}))
    assert re.search(expected, caught.value.what), caught.value.what
    assert caught.value.hint


def test_template_in_json_is_as_good(tmp_path: Path) -> None:
    """CloudFormation takes both."""
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template().document))
    results = check(*load_sides(Choices(template=path), {}))
    assert {each.verdict for each in results} <= {"same", "meant", "unseen"}
    assert [each.cloud.where.file for each in results if each.fact.name == "cpu"] == [str(path)]


FORMS: dict[str, Callable[[], str]] = {
    "of the command line": lambda: json.dumps(
        [
            {"ParameterKey": "MinTasks", "ParameterValue": "3"},
            {"ParameterKey": "BedrockModelIds", "ParameterValue": "a.b,c.d"},
        ]
    ),
    "of the toolkit": lambda: json.dumps(["MinTasks=3", "BedrockModelIds=a.b,c.d"]),
    "of a pipeline": lambda: json.dumps(
        {"Parameters": {"MinTasks": "3", "BedrockModelIds": "a.b,c.d"}}
    ),
    "of YAML": lambda: "MinTasks: 3\nBedrockModelIds: [a.b, c.d]\n",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_parameters_are_taken_in_each_of_awss_forms(
    form: Callable[[], str], tmp_path: Path
) -> None:
    """Whatever file a team has already."""
    path = tmp_path / "parameters"
    path.write_text(form())
    given = chosen(load(ROOT / "infra" / "template.yml"), str(path), ["MaxTasks=7"])
    assert (given["MinTasks"], given["BedrockModelIds"], given["MaxTasks"]) == ("3", "a.b,c.d", "7")


@pytest.mark.parametrize(("machine", "other"), [("x86_64", "ARM64"), ("aarch64", "X86_64")])
def test_image_is_taken_to_the_kind_of_machine_that_builds_it(
    machine: str, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So no laptop is told that it is the wrong one, unless another one was asked for."""
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert flagged(*load_sides(Choices(), {})) == []
    choices = Choices(pairs=[f"Architecture={other}"])
    assert flagged(*load_sides(choices, {})) == ["architecture"]


def test_wrong_parameters_are_refused(tmp_path: Path) -> None:
    """A file of something else, a set that there is none of, a pair that is none."""
    (tmp_path / "p.json").write_text('[\n{"Key": "x"}]')
    with pytest.raises(ParityError, match=r"p\.json:2: neither ParameterKey"):
        chosen(template(), str(tmp_path / "p.json"))
    with pytest.raises(ParityError, match="neither a file nor one of https"):
        chosen(template(), "httpss")
    with pytest.raises(ParityError, match="not NAME=VALUE"):
        chosen(template(), "", ["MaxTasks"])
    with pytest.raises(ParityError, match="no parameter 'Nonsense'"):
        load_sides(Choices(pairs=["Nonsense=1"]), {})


def test_compose_file_that_is_not_there() -> None:
    """The path that was given, and how to look for it."""
    with pytest.raises(ParityError, match=r"none\.yaml: it cannot be read"):
        load_sides(Choices(compose=[Path("none.yaml")]), {})


def test_stack_of_somebody_else_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    """An image from elsewhere, no stand-in for the load balancer, no app folder: no traceback."""
    path = tmp_path / "compose.yaml"
    path.write_text("services:\n  web: {image: 'me/chat:1', deploy: {replicas: 2}}\n")
    results = check(*load_sides(Choices(compose=[path], service="web"), {}))
    verdicts = {each.fact.name: each.verdict for each in results}
    assert verdicts["idle-timeout"] == verdicts["container-port"] == "unseen"
    assert verdicts["image"] == verdicts["cpu"] == verdicts["volume"] == "different"
    assert verdicts["replicas"] == "same"
    assert all(each.reason for each in results if each.verdict == "unseen")


KINDS: tuple[Any, ...] = ("x", [], {"a": 1}, [[]], -1)
TASK, SERVICE = "TaskDefinition", "Service"
WATCHED = (TASK, SERVICE, "TargetGroup", "LoadBalancer", "AccessPoint", "ScalableTarget")
CONTAINER = f"{TASK}.ContainerDefinitions.0"
KEYS = (
    *(
        "user",
        "deploy",
        "memswap_limit",
        "ulimits",
        "read_only",
        "tmpfs",
        "cap_drop",
        "security_opt",
    ),
    *("init", "environment", "secrets", "volumes", "healthcheck", "stop_grace_period", "logging"),
    *("platform", "command", "entrypoint", "build"),
)


def properties() -> list[str]:
    """Return the properties of the watched resources, and those of the container."""
    resources: Any = template().section("Resources")
    owners = {name: resources[name]["Properties"] for name in WATCHED}
    owners[CONTAINER] = owners[TASK]["ContainerDefinitions"][0]
    return [f"{owner}.{name}" for owner, body in owners.items() for name in body]


@pytest.mark.parametrize("path", properties())
def test_property_of_the_wrong_kind_is_never_a_traceback(path: str) -> None:
    """Templates that nobody has looked at before are looked at, too."""
    for value in KINDS:
        try:
            cloud = cloud_side(put(path, value))
            found = check(shipped(PLAIN), cloud)
        except ParityError:
            continue
        assert document(found)["facts"]


@pytest.mark.parametrize("key", KEYS)
def test_key_of_the_wrong_kind_is_never_a_traceback(key: str, tmp_path: Path) -> None:
    """The same for Compose files."""
    folder = copied(tmp_path)
    for value in KINDS:
        over(f"{key}: !override {json.dumps(value)}").make(folder)
        try:
            found = check(local_side(folder), cloud_side())
        except ParityError:
            continue
        assert document(found)["facts"]
