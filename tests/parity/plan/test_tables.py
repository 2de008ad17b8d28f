"""Tables say where each figure comes from, and refuse what is none."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
import yaml

from parity.errors import ParityError, UsageError
from parity.plan.choices import DEFAULTS
from parity.plan.figures import parse_assumptions, read_figures
from parity.plan.tables import RESULTS, overridden, read_benchmark, read_table
from parity.project import ROOT

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("prices", "profile", "stack", "measured", "limits")


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_has_its_unit_its_source_and_is_within_its_bounds(name: str) -> None:
    """And every table its date."""
    table = read_table(name)
    assert date(2026, 1, 1) <= table.as_of
    assert table.note
    for key, figure in table.figures.items():
        assert figure.unit, key
        assert figure.source, key
        assert figure.least <= figure.value <= figure.most, key


def test_prices_name_the_page_to_check_them_on() -> None:
    """List prices of one region, and said to be so."""
    table = read_table("prices")
    assert "us-east-1" in table.note
    assert "to be checked" in table.note
    assert [k for k, f in table.figures.items() if not re.search("(?i)pric", f.source)] == []
    assert [k for k, f in table.figures.items() if f.value <= 0] == []


def test_every_price_says_when_and_against_what_it_was_read() -> None:
    """A price from memory would be named under the tables."""
    found = {key: figure.checked for key, figure in read_table("prices").figures.items()}
    assert [key for key, said in found.items() if not re.match(r"20\d\d-\d\d-\d\d: \w", said)] == []


def test_every_figure_is_used() -> None:
    """A figure that no code reads would promise an effect that it has not."""
    code = "".join(file.read_text() for file in (ROOT / "parity" / "plan").glob("*.py"))
    for model in ("nova_micro", "nova_lite", "nova_pro"):
        code += f'"{model}_input_1k" "{model}_output_1k"'
    for kind in ("x86", "arm"):
        code += f'"fargate_{kind}_vcpu_hour" "fargate_{kind}_gb_hour"'
    names = [key for name in NAMES for key in read_table(name).figures]
    assert [key for key in names if f'"{key}"' not in code] == []


def test_what_the_app_states_itself_is_as_the_app_states_it() -> None:
    """Seconds between ticks and between drawings; days until an idle session is removed."""
    for table, name, file, constant in (
        ("measured", "tick_seconds", "page/keepalive", "FOLLOW_SECONDS"),
        ("measured", "draw_seconds", "answers/watching", "DRAW_SECONDS"),
        ("measured", "recording_seconds", "answers/recorder", "WRITE_SECONDS"),
        ("measured", "obey_seconds", "answers/recorder", "LOOK_SECONDS"),
        ("stack", "idle_days_kept", "settings", "DEFAULT_MAX_AGE_DAYS"),
    ):
        text = (ROOT / "app" / f"{file}.py").read_text()
        found = re.search(rf"^{constant} = ([0-9.]+)$", text, re.MULTILINE)
        assert found
        assert read_table(table)[name] == float(found[1])


TEMPLATE = ROOT / "infra" / "template.yml"


def test_stack_is_as_the_template_makes_it() -> None:
    """The defaults of the parameters that a plan rests on."""

    class Loader(yaml.SafeLoader):
        """Reads CloudFormation's short forms as plain values."""

    Loader.add_multi_constructor("!", lambda *_: None)
    parameters = yaml.load(TEMPLATE.read_text(), Loader)["Parameters"]  # noqa: S506 - a SafeLoader
    stack = read_table("stack")
    for name, parameter in (
        ("min_tasks", "MinTasks"),
        ("max_tasks", "MaxTasks"),
        ("chats_per_task", "ActiveChatsPerTask"),
        ("cpu_target", "CpuTarget"),
        ("memory_target", "MemoryTarget"),
    ):
        assert stack[name] == float(parameters[parameter]["Default"]), name
    content = yaml.load(TEMPLATE.read_text(), Loader)  # noqa: S506 - a SafeLoader
    properties = [each.get("Properties", {}) for each in content["Resources"].values()]
    types = [each["Type"] for each in content["Resources"].values()]
    for name, kind in (
        ("alarms", "AWS::CloudWatch::Alarm"),
        ("dashboards", "AWS::CloudWatch::Dashboard"),
        ("secrets", "AWS::SecretsManager::Secret"),
        ("nat_gateways", "AWS::EC2::NatGateway"),
    ):
        assert stack[name] == types.count(kind), name
    endpoints = [each.get("VpcEndpointType") for each in properties]
    assert stack["interface_endpoints"] == endpoints.count("Interface") - 1, (
        "ssmmessages is for Exec alone"
    )
    assert endpoints.count("Gateway") == 1, "image layers come by S3's"
    assert stack["waf_rules"] == len(content["Resources"]["WebAcl"]["Properties"]["Rules"])
    policies = content["Resources"]["FileSystem"]["Properties"]["LifecyclePolicies"]
    assert {"TransitionToIA": f"AFTER_{stack['days_to_ia']:g}_DAYS"} in policies
    rollout = content["Resources"]["Service"]["Properties"]["DeploymentConfiguration"]
    assert stack["rollout_percent"] == rollout["MaximumPercent"]
    scaling = types.count("AWS::ApplicationAutoScaling::ScalingPolicy")
    assert stack["scaling_alarms"] == 2 * scaling
    assert read_table("limits")["template_tasks"] == parameters["MaxTasks"]["MaxValue"]
    assert parameters["FileSystemThroughput"]["Default"] == DEFAULTS.throughput
    size = re.findall(r"[0-9.]+", parameters["TaskSize"]["Default"])
    assert [float(number) for number in size] == [stack["task_vcpu"], stack["task_memory_gb"]]


def test_file_of_ones_own_replaces_some_figures_and_the_date(tmp_path: Path) -> None:
    """As numbers, or as the kit's own objects."""
    file = tmp_path / "mine.json"
    figures = {"nat_hour": 0.05, "alb_hour": {"value": 0.03}}
    file.write_text(json.dumps({"as_of": "2027-01-02", "figures": figures}))
    table = read_figures(prices=file).prices
    assert (table["nat_hour"], table["alb_hour"]) == (0.05, 0.03)
    assert table["lcu_hour"] == read_table("prices")["lcu_hour"]
    assert table.as_of == date(2027, 1, 2)
    assert table.figures["nat_hour"].source == str(file)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("", "is not JSON"),
        ("[]", "not a table"),
        ("{}", "as_of"),
        ('{"as_of": "yesterday", "figures": {}}', "yesterday"),
        ('{"as_of": "2026-01-01"}', "figures"),
        ('{"as_of": "2026-01-01", "figures": [1]}', "not a table"),
        ('{"as_of": "2026-01-01", "figures": {"nope": 1}}', "'nope'"),
        ('{"as_of": "2026-01-01", "figures": {"nat_hour": "dear"}}', "'dear'"),
        ('{"as_of": "2026-01-01", "figures": {"nat_hour": true}}', "True"),
        ('{"as_of": "2026-01-01", "figures": {"nat_hour": null}}', "None"),
        ('{"as_of": "2026-01-01", "figures": {"nat_hour": NaN}}', "nan"),
        ('{"as_of": "2026-01-01", "figures": {"nat_hour": -1}}', "-1"),
        ('{"as_of": "2026-01-01", "figures": {"nat_hour": {"usd": 1}}}', "value"),
        ("\udcff", "is not JSON"),
    ],
)
def test_broken_file_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    """It quotes what is wrong and says how to mend it."""
    file = tmp_path / "mine.json"
    file.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(UsageError) as caught:
        overridden(read_table("prices"), file)
    assert said in caught.value.what
    assert caught.value.hint


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    """Missing, or a folder."""
    with pytest.raises(UsageError, match="cannot be read"):
        overridden(read_table("prices"), tmp_path / name)


@pytest.mark.parametrize("text", ["a", "a=", "a=b", "=", ""])
def test_assumption_that_is_no_number_is_quoted(text: str) -> None:
    """Name, equals sign, number."""
    with pytest.raises(UsageError, match=f"'{text}'"):
        parse_assumptions([text])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"nope": 1}, "nope"),
        ({"nat_hour": 1}, "nat_hour"),
        ({"turns_per_chat": 0}, "turns_per_chat is 0"),
        ({"min_tasks": -1}, "min_tasks is -1"),
        ({"cpu_target": 101}, "cpu_target is 101"),
        ({"turns_per_chat": float("inf")}, "inf"),
        ({"turns_per_chat": float("nan")}, "nan"),
        ({"peak_hour_share": 0.05}, "below the mean"),
        ({"min_tasks": 11}, "below min_tasks"),
    ],
)
def test_assumption_that_cannot_be_is_refused(values: dict[str, float], said: str) -> None:
    """Unknown, a price, out of bounds, or at odds with another."""
    with pytest.raises(UsageError, match=said):
        read_figures().assuming(values)


def test_figures_come_from_the_results_of_the_benchmarks(tmp_path: Path) -> None:
    """Another result is another figure."""
    for name in ("page", "session", "volume"):
        text = (RESULTS / f"{name}.json").read_text()
        (tmp_path / f"{name}.json").write_text(text)
    page = json.loads((tmp_path / "page.json").read_text())
    for row in page["rows"]:
        if row["what"] == "memory of a replica that served one chat":
            row["kit"] = 123.4
    (tmp_path / "page.json").write_text(json.dumps(page))
    assert read_figures(results=tmp_path).measured["served_mib"] == 123.4
    page["rows"] = []
    (tmp_path / "page.json").write_text(json.dumps(page))
    with pytest.raises(ParityError, match=r"page\.json has no 'memory"):
        read_figures(results=tmp_path)


@pytest.mark.parametrize("text", [None, "", "{}", '{"rows": [{}]}', '{"rows": 3}'])
def test_missing_result_names_the_benchmark_to_run(tmp_path: Path, text: str | None) -> None:
    """The command to type writes the file."""
    file = tmp_path / "page.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ParityError) as caught:
        read_benchmark(file, "page")
    assert caught.value.hint == f"parity bench page --json > {file}"
