"""`parity plan` as it is typed and read: tables that fit a terminal, JSON, and plain refusals."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from typer.testing import CliRunner

from parity import cli, console
from parity.errors import UsageError
from parity.plan.estimate import estimate
from parity.plan.figures import read_figures
from parity.verbs import plan as planning

if TYPE_CHECKING:
    from pathlib import Path


def run(*arguments: str) -> tuple[int, str]:
    """Return the exit code and the output, refusals included."""
    result = CliRunner().invoke(cli.app, ["plan", *arguments], prog_name="parity")
    return result.exit_code, result.output


def shown(monkeypatch: pytest.MonkeyPatch, width: int, *arguments: str) -> list[str]:
    """Return the lines as a terminal of that width shows them."""
    screen = Console(width=width, record=True, highlight=False, quiet=False, file=None)
    monkeypatch.setattr(console, "out", screen)
    assert run(*arguments)[0] == 0
    return screen.export_text().splitlines()


def test_ladder_from_ten_to_a_hundred_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default; a row a number of users, in both tables."""
    lines = shown(monkeypatch, 120)
    for users in ("10", "100", "1,000", "10,000", "100,000"):
        assert len([line for line in lines if re.match(rf" *{users} +[0-9]", line)]) == 2


@pytest.mark.parametrize("users", ["10,100,1000,10000,100000", "1", "100000"])
def test_tables_are_at_most_a_hundred_columns_in_a_file(users: str) -> None:
    """Nothing is folded there, so nothing may be long."""
    code, output = run("--users", users, "--cloudfront", "--waf", "--throughput-mode", "elastic")
    assert code == 0
    assert max(len(line.rstrip()) for line in output.splitlines()) <= 100


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("users", ["10,100,1000,10000,100000", "1", "100000", "10000000,1"])
def test_tables_fit_the_terminal(monkeypatch: pytest.MonkeyPatch, width: int, users: str) -> None:
    """No line is cut, and no number is broken over two."""
    lines = shown(monkeypatch, width, "--users", users)
    assert max(len(line.rstrip()) for line in lines) <= width
    assert not any("…" in line for line in lines)
    digits = [line for line in lines if re.fullmatch(r"[0-9,.\s]+", line)]
    assert digits == [], "a row that is only the tail of a number"


def test_profile_prices_and_their_dates_are_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is assumed stands under what follows from it."""
    text = "\n".join(shown(monkeypatch, 80, "--users", "500"))
    figures = read_figures()
    assert (
        f"Prices: us-east-1, {figures.prices.as_of}, list prices read second-hand, to be checked."
        in text
    )
    assert str(figures.profile.as_of) in text
    for name, figure in figures.profile.figures.items():
        assert f"{name}={figure.value:g}" in text


def test_limit_passed_is_shown_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """And none is shown where none is passed."""
    many = "\n".join(shown(monkeypatch, 120, "--users", "100000"))
    assert "MaxTasks" in many
    assert "raise MaxTasks" in many
    few = "\n".join(shown(monkeypatch, 120, "--users", "10"))
    assert "passes" not in few
    assert "MinTasks is more than enough for: 10 users." in few


def test_one_number_of_users_is_shown_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every line of the bill adds up to the sum; Bedrock stands apart, by model."""
    text = "\n".join(shown(monkeypatch, 80, "--users", "2500"))
    plan = estimate(2500, read_figures())
    for line in plan.lines:
        assert f"{line.usd:,.2f}" in text
    assert f"{sum(line.usd for line in plan.lines):,.2f}" in text
    for model in ("Nova Micro", "Nova Lite", "Nova Pro"):
        assert model in text


def test_json_holds_plans_and_every_figure_with_its_source() -> None:
    """A program reads what a person does, and where it comes from."""
    code, output = run("--users", "10,20000", "--json")
    assert code == 0
    document = json.loads(output)
    first, second = document["plans"]
    assert (first["users"], second["users"]) == (10, 20_000)
    assert first["passed"] == []
    assert (first["efs_mode"], second["efs_mode"]) == ("bursting", "elastic")
    assert second["usd"]["stores"].keys() == {"bursting", "elastic", "dynamodb"}
    assert all(end["what"] and end["then"] for end in document["ends"])
    assert "MaxTasks" in second["passed"]
    assert second["usd"]["month"] == pytest.approx(sum(line["usd"] for line in second["lines"]))
    dimensions = ("new_connections", "active_connections", "processed_bytes", "rule_evaluations")
    assert second["lcus"]["counted"] == max(second["lcus"][name] for name in dimensions)
    assert set(document["tables"]) == {"prices", "profile", "stack", "measured", "limits"}
    for table in document["tables"].values():
        assert table["as_of"]
        assert all(figure["source"] for figure in table["figures"].values())


@pytest.mark.parametrize(
    "users", ["0", "-1", "abc", "1.5", "", ",", "10,", "10,x", "1e3", "10000001", "٣", "9" * 30]
)
def test_users_that_cannot_be_are_quoted(users: str) -> None:
    """Exit code 2, before anything is printed on stdout."""
    with pytest.raises(UsageError, match="is not a whole number from 1 to 10,000,000"):
        planning.parse_users(users)
    assert run(f"--users={users}")[0] == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["--assume", "nope=1"],
        ["--assume", "turns_per_chat"],
        ["--assume", "turns_per_chat=0"],
        ["--prices", "missing.json"],
        ["--profile", "missing.json"],
        ["--architecture", "mips"],
        ["--egress", "none"],
        ["--throughput-mode", "provisioned"],
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    """Without a traceback."""
    code, output = run(*arguments)
    assert code == 2
    assert "Traceback" not in output


def test_broken_price_file_is_refused_by_name(tmp_path: Path) -> None:
    """Before anything is reckoned."""
    file = tmp_path / "mine.json"
    file.write_text("{")
    code, output = run("--prices", str(file))
    assert code == 2
    assert "mine.json" in output.replace("\n", "")


def test_options_change_the_plan(tmp_path: Path) -> None:
    """Prices, profile, assumptions and the template's parameters: each does something."""

    def month(*arguments: str) -> float:
        code, output = run("--users", "5000", "--json", *arguments)
        assert code == 0
        return float(json.loads(output)["plans"][0]["usd"]["month"])

    prices, profile = tmp_path / "prices.json", tmp_path / "profile.json"
    prices.write_text('{"as_of": "2027-01-01", "figures": {"alb_hour": 1}}')
    profile.write_text('{"as_of": "2027-01-01", "figures": {"minutes_open": 60}}')
    usual = month()
    assert month("--prices", str(prices)) > usual + 700
    assert month("--profile", str(profile)) > usual
    assert month("--assume", "minutes_open=60") == month("--profile", str(profile))
    assert month("--architecture", "ARM64") < usual
    assert month("--egress", "VpcEndpoints") != usual
    assert month("--throughput-mode", "bursting") < usual - 25
    assert month("--waf") > usual + 8
    assert month("--cloudfront") < usual


def test_help_shows_examples() -> None:
    """Each of them runs, but for those that name a file."""
    code, output = run("--help")
    assert code == 0
    examples = re.findall(r"parity plan((?: --\S+(?: [\w.,=]+)?)*) *(?:  |$)", output, re.MULTILINE)
    assert len(examples) >= 4
    for example in examples:
        if "FILE" not in example and ".json" not in example:
            assert run(*example.split())[0] == 0, example
