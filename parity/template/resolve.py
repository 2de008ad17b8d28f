"""Putting parameters into a template, as CloudFormation does before it makes anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parity.template import intrinsics
from parity.template.parameters import RefusedError, read_parameters
from parity.template.values import (
    Reference,
    Resolved,
    Resource,
    joined,
    references,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from parity.template.load import Keys, Template

NOTHING = object()  # AWS::NoValue
STACK_UUID = "01234567-89ab-cdef-0123-456789abcdef"
LOGIC = ("Fn::And", "Fn::Or", "Fn::Not")


def resolve(  # noqa: PLR0913 - the pseudo parameters have names of their own
    template: Template,
    parameters: Mapping[str, str] | None = None,
    *,
    region: str = "us-east-1",
    account: str = "123456789012",
    stack_name: str = "parity-kit",
    partition: str = "aws",
    stack_id: str = "",
) -> Resolved:
    """Return what a template makes of these parameters; values are those of `Resolved`.

    parameters: as text, those with a default may be left out. stack_id: of a stack
    that is there; else one is made up. Raises RefusedError where the
    template refuses them, by a constraint or by one of its Rules; ParityError with file and line
    for an unknown function, parameter, resource, condition or mapping.
    """
    resolver = _Resolver(
        template,
        parameters or {},
        {
            "AWS::AccountId": account,
            "AWS::NoValue": NOTHING,
            "AWS::NotificationARNs": [],
            "AWS::Partition": partition,
            "AWS::Region": region,
            "AWS::StackId": stack_id
            or f"arn:{partition}:cloudformation:{region}:{account}:stack/{stack_name}/{STACK_UUID}",
            "AWS::StackName": stack_name,
            "AWS::URLSuffix": "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com",
        },
    )
    resolver.check_assertions()
    return Resolved(
        resources=resolver.resources(),
        outputs=resolver.outputs(),
        parameters=resolver.parameters,
        conditions={name: resolver.condition(name, ()) for name in template.section("Conditions")},
        metadata=template.section("Metadata"),
        region=region,
        account=account,
        stack_name=stack_name,
        partition=partition,
        size=template.size,
    )


def check_parameters(template: Template, parameters: Mapping[str, str]) -> None:
    """Raise RefusedError where the template refuses these parameters; much cheaper than all."""
    _Resolver(template, parameters, {"AWS::NoValue": NOTHING}).check_assertions()


class _Resolver:
    """One resolution: what is known so far about conditions."""

    def __init__(
        self, template: Template, given: Mapping[str, str], pseudo: Mapping[str, object]
    ) -> None:
        self.template = template
        self.parameters = read_parameters(template, given)
        self.names = {**self.parameters, **pseudo}
        self.region = str(pseudo.get("AWS::Region"))
        self.declared = template.section("Resources")
        self.known: dict[str, bool | None] = {}  # None: being worked out

    def resources(self) -> dict[str, Resource]:
        """Return the resources whose condition holds."""
        return {
            name: self.resource(name, body)
            for name, body in self.declared.items()
            if self.exists(name)
        }

    def resource(self, name: str, body: object) -> Resource:
        """Return one resource, resolved."""
        keys: Keys = ("Resources", name)
        if not isinstance(body, dict) or not isinstance(body.get("Type"), str):
            raise self.template.error(keys, f"resource '{name}' has no Type")
        properties = self.value(body.get("Properties") or {}, (*keys, "Properties"))
        if not isinstance(properties, dict):
            raise self.template.error(keys, f"the Properties of '{name}' are no mapping")
        depends = body.get("DependsOn") or []
        named = [str(other) for other in (depends if isinstance(depends, list) else [depends])]
        for other in named:
            if other not in self.declared:
                raise self.template.error(
                    (*keys, "DependsOn"), f"'{name}' depends on '{other}', which is not there"
                )
        # A reference in a resource's Metadata makes it wait, too, and may be under a condition.
        metadata = self.value(body.get("Metadata") or {}, (*keys, "Metadata"))
        named += [found.logical_id for found in references(metadata)]
        deletion = text_of(self.value(body.get("DeletionPolicy", "Delete"), keys))
        replacement = text_of(self.value(body.get("UpdateReplacePolicy", "Delete"), keys))
        return Resource(
            logical_id=name,
            type=body["Type"],
            properties=properties,
            # CloudFormation leaves out a dependency on what is not made.
            depends_on=tuple(other for other in named if self.exists(other)),
            deletion_policy=deletion or "",
            update_replace_policy=replacement or "",
        )

    def outputs(self) -> dict[str, object]:
        """Return the values of the outputs whose condition holds."""
        found: dict[str, object] = {}
        for name, body in self.template.section("Outputs").items():
            keys: Keys = ("Outputs", name)
            if not isinstance(body, dict) or "Value" not in body:
                raise self.template.error(keys, f"output '{name}' has no Value")
            if "Condition" not in body or self.condition(str(body["Condition"]), keys):
                found[name] = self.value(body["Value"], (*keys, "Value"))
        return found

    def exists(self, name: str) -> bool:
        """Tell whether a declared resource is made."""
        body = self.declared[name]
        if not isinstance(body, dict) or "Condition" not in body:
            return True
        return self.condition(str(body["Condition"]), ("Resources", name, "Condition"))

    def check_assertions(self) -> None:
        """Raise RefusedError, with the template's own words, for an assertion that fails."""
        for name, rule in self.template.section("Rules").items():
            keys: Keys = ("Rules", name)
            if not isinstance(rule, dict):
                raise self.template.error(keys, f"rule '{name}' is no mapping")
            if "RuleCondition" in rule and not self.truth(rule["RuleCondition"], keys):
                continue
            assertions = rule.get("Assertions")
            for assertion in assertions if isinstance(assertions, list) else [None]:
                if not isinstance(assertion, dict) or "Assert" not in assertion:
                    raise self.template.error(keys, f"rule '{name}' asserts nothing")
                if not self.truth(assertion["Assert"], keys):
                    description = text_of(assertion.get("AssertDescription")) or ""
                    raise RefusedError(
                        f"the template refuses these parameters (rule {name}): {description}",
                        hint="give other parameters",
                    )

    def condition(self, name: str, keys: Keys) -> bool:
        """Return what a condition comes to."""
        if name not in self.known:
            declared = self.template.section("Conditions")
            if name not in declared:
                raise self.template.error(keys, f"unknown condition '{name}'")
            self.known[name] = None
            self.known[name] = self.truth(declared[name], ("Conditions", name))
        known = self.known[name]
        if known is None:
            raise self.template.error(("Conditions", name), f"condition '{name}' needs itself")
        return known

    def truth(self, node: object, keys: Keys) -> bool:
        """Return what a test comes to; only Conditions and Rules have tests."""
        name, argument = _function(node)
        if name == "Condition":
            return self.condition(str(argument), keys)
        parts = argument if isinstance(argument, list) else []
        if name in LOGIC:
            truths = [self.truth(part, (*keys, name)) for part in parts]
            if not truths or (name == "Fn::Not" and len(truths) > 1):
                raise self.template.error(keys, f"{name} of {len(truths)} tests")
            if name == "Fn::Not":
                return not truths[0]
            return all(truths) if name == "Fn::And" else any(truths)
        if name in intrinsics.TESTS:
            value = self.value(argument, (*keys, name))
            try:
                return intrinsics.TESTS[name](value)
            except (TypeError, ValueError) as error:
                raise self.template.error(keys, f"{name}: {error}") from error
        raise self.template.error(keys, f"'{name or text_of(node)}' is no test")

    def value(self, node: object, keys: Keys) -> object:
        """Return a node's value; NOTHING inside lists and mappings is dropped."""
        name, argument = _function(node)
        if name and name != "Condition":
            return self.call(name, argument, (*keys, name))
        if isinstance(node, dict):
            found = {key: self.value(part, (*keys, key)) for key, part in node.items()}
            return {key: part for key, part in found.items() if part is not NOTHING}
        if isinstance(node, list):
            parts = [self.value(part, (*keys, index)) for index, part in enumerate(node)]
            return [part for part in parts if part is not NOTHING]
        return node

    def call(self, name: str, argument: object, keys: Keys) -> object:
        """Return what a function comes to; of Fn::If only the branch that holds is looked at."""
        own: dict[str, Callable[[], object]] = {
            "Fn::If": lambda: self.choose(argument, keys),
            "Ref": lambda: self.ref(str(argument), keys),
            "Fn::GetAtt": lambda: self.attribute(argument, keys),
            "Fn::Sub": lambda: self.substitute(argument, keys),
        }
        if name in own:
            return own[name]()
        value = self.value(argument, keys)
        functions: dict[str, Callable[[object], object]] = {
            **intrinsics.FUNCTIONS,
            "Fn::FindInMap": lambda value: intrinsics.find_in_map(
                value, self.template.section("Mappings")
            ),
            "Fn::GetAZs": lambda value: intrinsics.zones(value, self.region),
            "Fn::Cidr": lambda value: intrinsics.cidr(self.with_known_block(value)),
        }
        if name not in functions:
            raise self.template.error(keys, f"unknown function '{name}'")
        try:
            return functions[name](value)
        except (TypeError, ValueError) as error:
            raise self.template.error(keys, f"{name}: {error}") from error

    def choose(self, argument: object, keys: Keys) -> object:
        """Fn::If."""
        if not isinstance(argument, list) or len(argument) != 3:  # noqa: PLR2004
            raise self.template.error(keys, "Fn::If takes a condition and two values")
        index = 1 if self.condition(str(argument[0]), keys) else 2
        return self.value(argument[index], (*keys, index))

    def ref(self, name: str, keys: Keys) -> object:
        """Ref: a parameter's value, or a Reference to a resource that is made."""
        if name in self.names:
            return self.names[name]
        return self.reference(name, None, keys)

    def reference(self, name: str, attribute: str | None, keys: Keys) -> Reference:
        """Return a Reference to a resource that is made."""
        if name not in self.declared:
            raise self.template.error(keys, f"unknown parameter or resource '{name}'")
        if not self.exists(name):
            raise self.template.error(
                keys, f"'{name}' is used where its condition does not hold, so it is not there"
            )
        return Reference(name, attribute)

    def attribute(self, argument: object, keys: Keys) -> Reference:
        """Fn::GetAtt, as 'A.b' or [A, b]."""
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if not isinstance(parts, list) or len(parts) != 2:  # noqa: PLR2004
            raise self.template.error(keys, "Fn::GetAtt takes a resource and an attribute")
        return self.reference(str(parts[0]), text_of(self.value(parts[1], keys)), keys)

    def substitute(self, argument: object, keys: Keys) -> object:
        """Fn::Sub, as text or [text, {name: value}]."""
        own: dict[str, object] = {}
        if isinstance(argument, list) and len(argument) == 2:  # noqa: PLR2004
            argument, variables = argument
            found = self.value(variables, (*keys, 1))
            own = found if isinstance(found, dict) else {}
        if not isinstance(argument, str):
            raise self.template.error(keys, "Fn::Sub takes a text")
        parts: list[object] = []
        for index, piece in enumerate(re.split(r"\$\{([^}]*)\}", argument)):
            if index % 2 == 0:
                parts.append(piece)
            elif piece.startswith("!"):
                parts.append(f"${{{piece[1:]}}}")
            elif piece.strip() in own:
                parts.append(own[piece.strip()])
            elif "." in piece:
                parts.append(self.attribute(piece.strip(), keys))
            else:
                parts.append(self.ref(piece.strip(), keys))
        try:
            return joined([part for part in parts if part is not NOTHING])
        except TypeError as error:
            raise self.template.error(keys, f"Fn::Sub: {error}") from error

    def with_known_block(self, argument: object) -> object:
        """Put in a VPC's address block, the one attribute that the template itself tells."""
        if not isinstance(argument, list) or not argument:
            return argument
        block = argument[0]
        if not isinstance(block, Reference) or block.attribute != "CidrBlock":
            return argument
        body = self.declared[block.logical_id]
        keys: Keys = ("Resources", block.logical_id, "Properties", "CidrBlock")
        written = body.get("Properties", {}) if isinstance(body, dict) else {}
        return [self.value(written.get("CidrBlock"), keys), *argument[1:]]


def _function(node: object) -> tuple[str, object]:
    """Return the name and argument of a function call, '' and None for anything else."""
    if isinstance(node, dict) and len(node) == 1:
        ((name, argument),) = node.items()
        if name in {"Ref", "Condition"} or name.startswith("Fn::"):
            return name, argument
    return "", None
