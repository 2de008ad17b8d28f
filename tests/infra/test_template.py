"""infra/: deployable from the console, clean, explained, named as the rest of the kit expects."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from parity.template.contract import OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Sequence

INFRA = Path(__file__).parent.parent.parent / "infra"
TEMPLATES = sorted(INFRA.glob("*.yml"))
TEMPLATE = INFRA / "template.yml"
MOST_BYTES = 51_200  # CloudFormation takes no more in the request itself
PARAMETERS = [
    "ImageUri",
    "Receipt",
    "TaskSize",
    "Architecture",
    "MinTasks",
    "MaxTasks",
    "ActiveChatsPerTask",
    "CpuTarget",
    "MemoryTarget",
    "BusinessHoursMinTasks",
    "VpcId",
    "PublicSubnetIds",
    "PrivateSubnetIds",
    "Egress",
    "CertificateArn",
    "AllowedCidr",
    "BedrockModelIds",
    "CloudFront",
    "Waf",
    "OidcIssuer",
    "OidcClientId",
    "OidcClientSecretArn",
    "OidcAuthorizationEndpoint",
    "OidcTokenEndpoint",
    "OidcUserInfoEndpoint",
    "AlarmEmail",
    "LogRetentionDays",
    "DrainSeconds",
    "StopTimeoutSeconds",
    "EnableExecuteCommand",
]
RESOURCES = [
    "Cluster",
    "Service",
    "TaskDefinition",
    "LoadBalancer",
    "TargetGroup",
    "HttpListener",
    "HttpsListener",
    "FileSystem",
    "AccessPoint",
    "MountTargetA",
    "MountTargetB",
    "TaskRole",
    "ExecutionRole",
    "CookieSecret",
    "LogGroup",
    "ScalableTarget",
    "CpuScaling",
    "MemoryScaling",
    "ChatScaling",
]


class Loader(yaml.CSafeLoader):
    """Reads the template's shape; what a short-form function is given stays as it is."""


def _argument(loader: yaml.SafeLoader, _tag: str, node: yaml.Node) -> Any:  # noqa: ANN401 - YAML
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return node.value


Loader.add_multi_constructor("!", _argument)


def read(path: Path) -> dict[str, Any]:
    """Return a template's sections."""
    template: dict[str, Any] = yaml.load(path.read_text(), Loader)  # noqa: S506 - it is a SafeLoader
    return template


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_template_fits_into_the_request(path: Path) -> None:
    """A larger one would need a bucket before there can be a stack."""
    assert len(path.read_bytes()) < MOST_BYTES


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_linter_finds_nothing(path: Path) -> None:
    """Neither errors nor warnings, and no check is switched off."""
    argv = [str(Path(sys.executable).with_name("cfn-lint")), str(path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=INFRA)
    assert (done.returncode, done.stdout) == (0, "")
    assert "ignore_checks" not in path.read_text()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_resource_says_what_it_is_for(path: Path) -> None:
    """In the line above it."""
    lines = path.read_text().splitlines()
    first = lines.index("Resources:")
    for name in read(path)["Resources"]:
        (at,) = (n for n, line in enumerate(lines) if n > first and line.startswith(f"  {name}:"))
        assert re.match(r"  # (?!----)\w.*\S", lines[at - 1]), name


@pytest.mark.parametrize(
    ("section", "names"),
    [("Parameters", PARAMETERS), ("Outputs", OUTPUTS), ("Resources", RESOURCES)],
)
def test_names_that_the_kit_relies_on_are_there(section: str, names: Sequence[str]) -> None:
    """Deploy, status, check and the rehearsal read them by these names."""
    assert set(names) - set(read(TEMPLATE)[section]) == set()


def test_only_the_image_has_no_default() -> None:
    """From the console, the image is all there is to fill in."""
    parameters = read(TEMPLATE)["Parameters"]
    assert [name for name, facts in parameters.items() if "Default" not in facts] == ["ImageUri"]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_parameter_is_explained_and_refuses_what_cannot_be(path: Path) -> None:
    """Text by a pattern with words for it, or by a list; numbers by a list or from and to."""
    for name, facts in read(path)["Parameters"].items():
        assert facts["Description"], name
        if "AllowedValues" in facts:
            assert facts.get("Default", facts["AllowedValues"][0]) in facts["AllowedValues"], name
        elif facts["Type"] == "Number":
            assert facts["MinValue"] <= facts["Default"] <= facts["MaxValue"], name
        else:
            assert facts["ConstraintDescription"], name
            values = str(facts.get("Default", "")).split(",")
            texts = values if facts["Type"] == "CommaDelimitedList" else [",".join(values)]
            for text in texts if "Default" in facts else []:
                assert re.fullmatch(facts["AllowedPattern"], text), name


def test_every_parameter_is_offered_in_a_group() -> None:
    """The console shows what is in no group last, under no heading."""
    template = read(TEMPLATE)
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    offered = [name for group in groups for name in group["Parameters"]]
    assert sorted(offered) == sorted(template["Parameters"])


def test_template_is_marked_as_the_kits_own() -> None:
    """`parity` touches no stack without this mark."""
    assert read(TEMPLATE)["Metadata"]["ParityKit"] == {"Version": 1}
