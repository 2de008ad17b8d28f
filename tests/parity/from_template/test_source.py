"""Which task of a template is meant, and where each fault stands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from parity.deploy.template import FILE
from parity.errors import ParityError
from parity.from_template import source as sources
from tests.parity.from_template.templates import IMAGE, kit, line, source
from tests.parity.template.changing import add, drop, put

if TYPE_CHECKING:
    from pathlib import Path


def test_service_with_all_that_belongs_to_it_is_found() -> None:
    """Task definition, container and target group by what refers to them."""
    found = source()
    assert found.service.resource.logical_id == "Service"
    assert found.task.resource.logical_id == "TaskDefinition"
    assert found.group.resource.logical_id == "TargetGroup"
    assert found.container["Name"].text == "app"


def test_as_many_tasks_run_as_scaling_begins_with() -> None:
    """The template has no DesiredCount; one that is there counts, and with neither it is one."""
    assert sources.replicas(source()) == 2
    assert sources.replicas(source(MinTasks="3")) == 3
    assert sources.replicas(source(put("Service.DesiredCount", 5))) == 5
    assert sources.replicas(source(drop("ScalableTarget.MinCapacity"))) == 1


@pytest.mark.parametrize(
    ("change", "where", "said"),
    [
        (put("Service.LoadBalancers", []), "Service", "no ECS service behind a load balancer"),
        (put("Service.TaskDefinition", "other:1"), "TaskDefinition: !Ref", "no task definition"),
        (put("Service.LoadBalancers.0.ContainerName", "web"), "ContainerName: app", "'web'"),
        (put("Service.LoadBalancers.0.TargetGroupArn", "arn:x"), "TargetGroupArn", "'arn:x' is no"),
        (add("Service.LoadBalancers", {"ContainerName": "app"}), "LoadBalancers", "second"),
    ],
)
def test_what_cannot_be_told_is_an_error_with_file_and_line(
    change: object, where: str, said: str
) -> None:
    """And the sentence says what is missing."""
    with pytest.raises(ParityError, match=said) as caught:
        source(change)  # type: ignore[arg-type]
    prefix, number, _ = caught.value.what.split(":", 2)
    assert prefix == str(FILE)
    assert where in FILE.read_text().splitlines()[int(number) - 1]


def test_place_is_found_however_an_api_spells_it() -> None:
    """And one that is not written is the nearest thing around it."""
    keys = sources.keys_of(kit(), "TaskDefinition", "containerDefinitions[0].portMappings[0].name")
    assert keys[3:] == ("ContainerDefinitions", 0, "PortMappings", 0)
    assert kit().line(keys) == line("PortMappings: [{ContainerPort: 8501}]")


@pytest.mark.parametrize(
    ("text", "number", "said"),
    [
        ("Resources:\n  A: [1\n", 3, "expected"),
        ("Resources:\n  A:\n    Type: !Frob x\n", 3, "unknown tag '!Frob'"),
        ("Resources:\n  A: {Type: T, Properties: {X: {Fn::Frob: x}}}\n", 2, "unknown function"),
        ("Parameters:\n  P: {Type: String}\nResources: {}\n", 2, "'P' has no value"),
        ("Resources:\n  A: {Type: AWS::SNS::Topic}\n", 1, "no ECS service"),
        ('{"Resources": {\n"A": {"Type": 1}}}', 2, "has no Type"),
        ("Description: nothing\n", 1, "no Resources"),
    ],
)
def test_bad_input_is_one_error_with_file_and_line(
    text: str, number: int, said: str, tmp_path: Path
) -> None:
    """Broken YAML, an unknown function, a parameter without a value, JSON, no template at all."""
    file = tmp_path / "template.yml"
    file.write_text(text)
    with pytest.raises(ParityError) as caught:
        sources.read(file, {}, region="eu-central-1", stack_name="p")
    assert caught.value.what.startswith(f"{file}:{number}: ")
    assert said in caught.value.what


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With what to look at."""
    with pytest.raises(ParityError, match=r"none\.yml"):
        sources.read(tmp_path / "none.yml", {}, region="eu-central-1", stack_name="p")


def test_template_in_json_is_as_good(tmp_path: Path) -> None:
    """CloudFormation takes both."""
    file = tmp_path / "template.json"
    file.write_text(json.dumps(dict(kit().document)))
    found = sources.read(file, {"MinTasks": "4"}, region="eu-central-1", stack_name="p")
    assert sources.replicas(found) == 4
    assert found.resolved.region == "eu-central-1"


def test_image_that_is_given_is_the_templates() -> None:
    """Only one that nobody gives is this checkout's."""
    named = IMAGE["ImageUri"].replace("/chat@", "/other@")
    assert source(ImageUri=named).container["Image"].text == named
