"""A template is looked at in every set of parameters that matters."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from parity.errors import ParityError
from parity.project import ROOT
from parity.template import contract
from parity.template.check import check, check_resolved, check_template
from parity.template.load import load
from parity.template.parameter_sets import ALWAYS, DIMENSIONS, parameter_sets
from parity.template.resolve import resolve
from tests.parity.template.changing import changed, put

if TYPE_CHECKING:
    from parity.template.load import Template

PATH = Path(__file__).with_name("good.yml")


@pytest.fixture(scope="module")
def template() -> Template:
    """Give the small good template."""
    return load(PATH)


def test_sets_hold_every_pair_of_short_choices(template: Template) -> None:
    """Existing fault, existing pair: it is seen at least once."""
    sets = list(parameter_sets(template, lambda _: False))
    assert {"CloudFront", "Egress", "AllowedCidr"}.isdisjoint(sets[0])
    pairs = {(chosen.get("CloudFront"), chosen.get("Egress")) for chosen in sets}
    assert pairs == {(edge, way) for edge in (None, "on") for way in (None, "VpcEndpoints")}
    assert {chosen.get("OidcIssuer") for chosen in sets} == {None, "https://idp.example.com"}


def test_sets_leave_out_what_the_template_refuses(template: Template) -> None:
    """All of them resolve."""

    def refused(chosen: dict[str, str]) -> bool:
        return "CloudFront" in chosen and "AllowedCidr" in chosen

    sets = list(parameter_sets(template, refused))
    assert sets
    assert not any(refused(chosen) for chosen in sets)


def test_finding_names_line_place_and_the_least_parameters(tmp_path: Path) -> None:
    """So one knows where to look, and with which parameters it shows."""
    path = tmp_path / "template.yml"
    text = PATH.read_text().replace(
        "!If [UseCloudFront, internal, internet-facing]", "internet-facing"
    )
    path.write_text(text)
    (finding,) = check_template(path)
    line = text[: text.index("Scheme: internet-facing")].count("\n") + 1
    assert (finding.rule, finding.logical_id, finding.line) == (
        "cloudfront-private",
        "LoadBalancer",
        line,
    )
    assert finding.parameters == {"CloudFront": "on"}
    assert str(finding) == (
        f"line {line}: LoadBalancer.Properties.Scheme: internet-facing; should be internal, "
        "behind a VPC origin [cloudfront-private] with CloudFront=on"
    )


def test_fault_of_the_defaults_needs_no_parameters(tmp_path: Path) -> None:
    """Whatever was chosen, it is there."""
    path = tmp_path / "template.yml"
    text = PATH.read_text().replace("StopTimeout: 30", "StopTimeout: 300")
    path.write_text(text.replace('STOP_SECONDS, Value: "30"', 'STOP_SECONDS, Value: "300"'))
    (finding,) = check_template(path)
    assert (finding.rule, finding.wrong, finding.parameters) == ("stop-timeout", "300", {})


def test_same_fault_in_several_sets_is_one_finding(template: Template) -> None:
    """Nobody reads the same line twenty times."""
    broken = changed(template, put("TargetGroup.HealthCheckPath", "/"))
    assert [finding.rule for finding in check(broken)] == ["health-path"]


def test_template_that_does_not_resolve_is_a_finding(template: Template) -> None:
    """Not a traceback, and only where it shows."""
    broken = changed(template, put("Cluster.ClusterName", {"Ref": "Distribution"}))
    (finding,) = check(broken)
    assert finding.rule == "resolves"
    assert "its condition does not hold" in finding.wrong


@pytest.mark.parametrize("value", ["x", [], {"a": 1}], ids=repr)
def test_properties_of_the_wrong_kind_are_findings_never_tracebacks(
    template: Template, value: object
) -> None:
    """Rules look at templates that nobody has looked at before."""
    for logical_id, body in template.section("Resources").items():
        assert isinstance(body, dict)
        for name in body.get("Properties", {}):
            broken = changed(template, put(f"{logical_id}.{name}", value))
            with contextlib.suppress(ParityError):
                resolved = resolve(broken, ALWAYS | {"CloudFront": "on"})
                assert all(fault.right for _, fault in check_resolved(resolved))


def test_what_the_kit_expects_of_the_image_is_what_the_image_is() -> None:
    """The contract's half that rests on app/ is read from there."""
    dockerfile = (ROOT / "app" / "Dockerfile").read_text()
    assert f"ARG UID={contract.UID}\nARG GID={contract.UID}\n" in dockerfile
    assert f" {contract.MOUNT}\n" in dockerfile
    assert f'"{contract.HEALTH_CHECK}"' in dockerfile
    assert f'Route("{contract.HEALTH_PATH}"' in (ROOT / "app" / "server.py").read_text()
    settings = (ROOT / "app" / "settings.py").read_text()
    assert contract.SESSION_ROOT in settings
    assert contract.MODEL_IDS in settings


def test_sample_parameters_are_taken_by_the_kits_own_template() -> None:
    """Were one misspelt or gone from the template, the sets would silently be fewer."""
    real = load(ROOT / "infra" / "template.yml")
    declared = real.section("Parameters")
    named = {name for dimension in DIMENSIONS for choice in dimension for name in choice}
    assert [name for name in sorted(named | set(ALWAYS)) if name not in declared] == []
    sets = list(parameter_sets(real, lambda _: False))
    assert len({chosen.get("TaskSize") for chosen in sets}) == len(_allowed(real, "TaskSize"))
    images = {resolve(real, sets[0]).parameters["ImageUri"]}
    assert all(re.search(r"@sha256:[0-9a-f]{64}$", str(image)) for image in images)


def _allowed(template: Template, name: str) -> list[object]:
    declaration = template.section("Parameters")[name]
    assert isinstance(declaration, dict)
    allowed = declaration["AllowedValues"]
    assert isinstance(allowed, list)
    return allowed
