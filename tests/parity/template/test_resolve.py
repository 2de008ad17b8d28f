"""A template resolves to what CloudFormation would make of it."""

from __future__ import annotations

import dataclasses

import pytest

from parity.errors import ParityError, UsageError
from parity.template.load import parse
from parity.template.parameters import RefusedError
from parity.template.resolve import resolve
from parity.template.values import Reference, references

TEMPLATE = """
Parameters:
  Name: {Type: String, Default: chat, AllowedPattern: "[a-z]+", MaxLength: 5}
  Size: {Type: String, Default: small, AllowedValues: [small, large]}
  Count: {Type: Number, Default: 2, MinValue: 1, MaxValue: 9}
  Ids: {Type: CommaDelimitedList, Default: "a, b"}
  Zones: {Type: String, Default: ""}
Rules:
  LargeNeedsThree:
    RuleCondition: !Equals [!Ref Size, large]
    Assertions:
      - Assert: !Not [!Contains [["1", "2"], !Ref Count]]
        AssertDescription: large needs three or more
Mappings:
  Sizes: {small: {Cpu: 256}, large: {Cpu: 1024}}
Conditions:
  Large: !Equals [!Ref Size, large]
  Many: !Or [!Condition Large, !Equals [!Ref Count, "9"]]
  Few: !And [!Not [!Condition Large], !Not [!Condition Many]]
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Extra: {Type: T, Condition: Large}
  Main:
    Type: T
    DependsOn: [Extra, Vpc]
    DeletionPolicy: Retain
    Properties:
%s
Outputs:
  Always: {Value: !Ref Vpc}
  Sometimes: {Condition: Large, Value: !Ref Extra}
"""


def value(text: str, **parameters: str) -> object:
    """Return what a property of Main resolves to."""
    template = parse(TEMPLATE % f"      P: {text}")
    return resolve(template, parameters).resources["Main"].properties.get("P")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!Ref Name", "chat"),
        ("!Ref Count", 2),
        ("!Ref Ids", ["a", "b"]),
        ("!Ref Zones", ""),
        ("!Ref Vpc", Reference("Vpc")),
        ("!GetAtt Vpc.CidrBlock", Reference("Vpc", "CidrBlock")),
        ("!Ref AWS::NoValue", None),
        ("[a, !Ref AWS::NoValue, b]", ["a", "b"]),
        ("!If [Large, a, !Ref Vpc]", Reference("Vpc")),
        ("!If [Few, a, b]", "a"),
        ("!If [Large, !Ref Extra, b]", "b"),
        ("!Sub '${Name}-${AWS::Region}-${Count}'", "chat-us-east-1-2"),
        ("!Sub 'arn:${AWS::Partition}:${Vpc}/${Vpc.Arn}'", "arn:aws:${Vpc}/${Vpc.Arn}"),
        ("!Sub '${Vpc}'", Reference("Vpc")),
        ("!Sub ['${A}/${!B}', {A: !Ref Name}]", "chat/${B}"),
        ("!Join ['-', [a, !Ref Count, !Ref Vpc]]", "a-2-${Vpc}"),
        ("!Join [',', !Ref Ids]", "a,b"),
        ("!Split [',', 'x,y']", ["x", "y"]),
        ("!Split [',', !Sub '${Vpc},${Vpc.Arn}']", [Reference("Vpc"), Reference("Vpc", "Arn")]),
        ("!Select [1, !Ref Ids]", "b"),
        ("!Select ['1', !Split ['loadbalancer/', !Ref Vpc]]", "${Vpc}[loadbalancer/][1]"),
        ("!Select [0, !GetAtt Vpc.CidrBlockAssociations]", "${Vpc.CidrBlockAssociations}[0]"),
        ("!FindInMap [Sizes, !Ref Size, Cpu]", 256),
        ("!Select [0, !GetAZs '']", "us-east-1a"),
        ("!Base64 hello", "aGVsbG8="),
        ("!Select [1, !Cidr [!GetAtt Vpc.CidrBlock, 4, 8]]", "10.0.1.0/24"),
        ("!ImportValue other", "{{import:other}}"),
    ],
)
def test_functions_come_to_what_they_do_in_cloudformation(text: str, expected: object) -> None:
    """References stay references, within texts as placeholders."""
    assert value(text) == expected


def test_references_are_found_inside_texts_lists_and_mappings() -> None:
    """So a rule sees what a value depends on, however it is written."""
    found = list(references({"a": ["x-${Vpc.Arn}", Reference("Main")], "b": 1}))
    assert found == [Reference("Vpc", "Arn"), Reference("Main")]


def test_only_what_its_condition_allows_is_there() -> None:
    """Resources, dependencies and outputs, all three."""
    template = parse(TEMPLATE % "      P: x")
    small, large = resolve(template), resolve(template, {"Size": "large", "Count": "3"})
    assert list(small.resources) == ["Vpc", "Main"]
    assert list(large.resources) == ["Vpc", "Extra", "Main"]
    assert small.resources["Main"].depends_on == ("Vpc",)
    assert large.resources["Main"].depends_on == ("Extra", "Vpc")
    assert small.outputs == {"Always": Reference("Vpc")}
    assert large.outputs["Sometimes"] == Reference("Extra")
    assert small.conditions == {"Large": False, "Many": False, "Few": True}
    assert small.resources["Main"].deletion_policy == "Retain"
    assert [found.logical_id for found in large.of_type("T")] == ["Extra", "Main"]


def test_result_is_frozen() -> None:
    """Who reads facts from it cannot change them for others."""
    resolved = resolve(parse(TEMPLATE % "      P: x"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        resolved.region = "x"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("parameters", "what"),
    [
        ({"Name": "Chat"}, "Name='Chat' is not of the pattern"),
        ({"Name": "toolong"}, "Name='toolong' is not at most 5 characters"),
        ({"Size": "huge"}, "Size='huge' is not one of 'small', 'large'"),
        ({"Count": "0"}, "Count='0' is not at least 1"),
        ({"Count": "10"}, "Count='10' is not at most 9"),
        ({"Count": "two"}, "Count='two' is no number"),
        ({"Sice": "small"}, "no parameter 'Sice'"),
        ({"Size": "large"}, "large needs three or more"),
    ],
)
def test_parameters_that_the_template_refuses_are_quoted(
    parameters: dict[str, str], what: str
) -> None:
    """The user's mistake, so wrong usage; the value is named."""
    with pytest.raises(RefusedError) as caught:
        value("x", **parameters)
    assert what in caught.value.what
    assert isinstance(caught.value, UsageError)


def test_parameter_without_a_value_is_named() -> None:
    """CloudFormation would ask for it, too."""
    template = parse("Parameters:\n  P: {Type: String}\nResources:\n  A: {Type: T}\n")
    with pytest.raises(RefusedError, match="parameter 'P' has no value"):
        resolve(template)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{'Fn::Upper': x}", "unknown function 'Fn::Upper'"),
        ("!Ref Nobody", "unknown parameter or resource 'Nobody'"),
        ("!Sub '${Nobody.Arn}'", "unknown parameter or resource 'Nobody'"),
        ("!Ref Extra", "'Extra' is used where its condition does not hold"),
        ("!If [Nobody, 1, 2]", "unknown condition 'Nobody'"),
        ("!If [Large, 1]", "Fn::If takes a condition and two values"),
        ("!Select [5, !Ref Ids]", "item 5 of a list of 2"),
        ("!FindInMap [Sizes, tiny, Cpu]", "no 'tiny' in Mappings.Sizes.tiny.Cpu"),
        ("!Join ['-', [[a]]]", "a list or mapping where text is wanted"),
        ("!Cidr [10.0.0.0/24, 9, 5]", "has no 9 blocks of 32 addresses"),
        ("!GetAtt Vpc", "Fn::GetAtt takes a resource and an attribute"),
    ],
)
def test_what_cannot_be_resolved_is_one_error_with_its_line(text: str, what: str) -> None:
    """Quoting file and line of the place."""
    with pytest.raises(ParityError) as caught:
        value(text)
    assert what in caught.value.what
    line = TEMPLATE[: TEMPLATE.index("%s")].count("\n") + 1
    assert caught.value.what.startswith(f"template:{line}:")


def test_condition_that_needs_itself_is_an_error() -> None:
    """Not an endless loop."""
    template = parse(
        "Conditions:\n  A: !Not [!Condition B]\n  B: !Not [!Condition A]\nResources: {R: {Type: T}}"
    )
    with pytest.raises(ParityError, match="condition 'A' needs itself"):
        resolve(template)


def test_dependency_on_nobody_is_an_error() -> None:
    """A misspelt DependsOn would otherwise be found by CloudFormation only."""
    with pytest.raises(ParityError, match="'A' depends on 'B', which is not there"):
        resolve(parse("Resources:\n  A: {Type: T, DependsOn: B}\n"))


@pytest.mark.parametrize("rule", ["[]", "{}", "{Assertions: [x]}", "{Assertions: [{Assert: x}]}"])
def test_malformed_rule_is_an_error(rule: str) -> None:
    """A rule that asserts nothing is a mistake, not a permission."""
    template = parse(f"Rules: {{R: {rule}}}\nResources:\n  A: {{Type: T}}\n")
    with pytest.raises(ParityError, match=r"rule 'R'|is no test"):
        resolve(template)
