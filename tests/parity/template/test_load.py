"""A template is read as CloudFormation reads it, and errors say where."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from parity.errors import ParityError
from parity.template.load import load, parse

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "Resources:\n  A:\n    Type: T\n    Properties:\n"


def properties(text: str) -> object:
    """Return the properties of the one resource of a template."""
    resources = parse(HEAD + text).section("Resources")
    resource = resources["A"]
    assert isinstance(resource, dict)
    return resource["Properties"]


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("!Ref B", {"Ref": "B"}),
        ("!GetAtt B.C.D", {"Fn::GetAtt": ["B", "C.D"]}),
        ("!GetAtt [B, C]", {"Fn::GetAtt": ["B", "C"]}),
        ("!Sub x${B}", {"Fn::Sub": "x${B}"}),
        ("!Join [',', [a, !Ref B]]", {"Fn::Join": [",", ["a", {"Ref": "B"}]]}),
        ("!If [C, !Ref B, c]", {"Fn::If": ["C", {"Ref": "B"}, "c"]}),
        ("!Condition C", {"Condition": "C"}),
        ("!Select [0, !GetAZs '']", {"Fn::Select": [0, {"Fn::GetAZs": ""}]}),
        ("!Base64 {Ref: B}", {"Fn::Base64": {"Ref": "B"}}),
    ],
)
def test_short_forms_become_long_forms(short: str, long: object) -> None:
    """Whoever reads the document sees one form only."""
    assert properties(f"      P: {short}\n") == {"P": long}


def test_dates_and_versions_stay_text() -> None:
    """2012-10-17 is a policy's version, not a day."""
    text = "      D: 2012-10-17\n      N: 12\n      F: 1.5\n      T: true\n      E:\n"
    assert properties(text) == {"D": "2012-10-17", "N": 12, "F": 1.5, "T": True, "E": None}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("      P: !Upper x\n", "unknown tag '!Upper'"),
        ("      P: on\n", "unquoted 'on' is a boolean"),
        ("      P: 0750\n", "unquoted '0750' is another number"),
        ("      P: 1\n      P: 2\n", "'P' is there twice"),
        ("      P: &x 1\n      Q: *x\n", "no YAML aliases"),
        ("      <<: {P: 1}\n", "no YAML merges"),
        ("      P: [1\n", "expected"),
        ("      P: {\n", "expected"),
    ],
)
def test_what_cloudformation_would_not_take_is_refused_with_its_line(text: str, what: str) -> None:
    """The error quotes file and line, so that an editor can jump there."""
    with pytest.raises(ParityError) as caught:
        properties(text)
    assert what in caught.value.what
    assert caught.value.what.startswith(("template:5:", "template:6:"))
    assert caught.value.hint


@pytest.mark.parametrize("text", ["", "a: b\n", "- 1\n", "Resources: []\n", "just text"])
def test_other_files_are_no_templates(text: str) -> None:
    """A file without resources is named as what it is."""
    with pytest.raises(ParityError, match="no CloudFormation template"):
        parse(text)


def test_json_is_read_as_well(tmp_path: Path) -> None:
    """Tabs and all, with the same result as YAML."""
    document = {"Resources": {"A": {"Type": "T", "Properties": {"P": {"Ref": "B"}, "N": [1]}}}}
    path = tmp_path / "template.json"
    path.write_text(json.dumps(document, indent="\t"))
    template = load(path)
    assert dict(template.document) == document
    assert template.size == path.stat().st_size
    assert template.line(("Resources", "A", "Properties", "N")) == 9


def test_file_that_is_not_there_is_an_error_with_its_name(tmp_path: Path) -> None:
    """No traceback for a wrong path."""
    with pytest.raises(ParityError, match=r"missing\.yml"):
        load(tmp_path / "missing.yml")


def test_line_of_a_place_is_that_of_the_nearest_thing_written() -> None:
    """A finding about what is absent points at what it should be in."""
    template = parse(f"{HEAD}      P:\n        - x\n        - y\n")
    assert template.line(("Resources", "A", "Properties", "P", 1)) == 7
    assert template.line(("Resources", "A", "Properties", "Q", "R")) == 4
    assert template.line(("Resources", "B")) == 1
