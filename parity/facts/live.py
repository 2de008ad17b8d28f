"""The cloud side as it is deployed: what the services' own APIs say, not what the template does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parity.aws.account import connect
from parity.aws.errors import plainly
from parity.deploy import receipt
from parity.deploy.promote import read_body
from parity.deploy.stack_state import check_exists, read_stack
from parity.errors import ParityError, UsageError
from parity.facts.cloud import Cloud
from parity.rehearsal.read_back import found_of, physical_ids
from parity.template.load import parse
from parity.template.resolve import resolve
from parity.template.rules.reading import (
    ACCESS_POINT,
    DISTRIBUTION,
    LISTENER,
    LOAD_BALANCER,
    SCALABLE_TARGET,
    SCALING_POLICY,
    SERVICE,
    TARGET_GROUP,
    TASK_DEFINITION,
    WEB_ACL,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from parity.aws.account import Account
    from parity.template.load import Template
    from parity.template.values import Resolved

READ = (
    *(SERVICE, TASK_DEFINITION, LOAD_BALANCER, LISTENER, TARGET_GROUP, ACCESS_POINT),
    *(SCALABLE_TARGET, SCALING_POLICY, DISTRIBUTION, WEB_ACL, "AWS::IAM::RolePolicy"),
)


class AnyCase(dict[str, Any]):
    """A mapping that does not mind upper and lower case: APIs and templates differ in no more."""

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - as a dict's
        """Return a member under whatever spelling."""
        found = {name.lower(): value for name, value in self.items()}
        return found.get(key.lower(), default)


def read_live(stack: str, account: Account | None = None) -> Cloud:
    """Return a deployed stack. Raises ParityError where there is none, or it cannot be read."""
    account = account or connect()
    state = read_stack(account, stack)
    check_exists(state)
    template = parse(read_body(account, state), name=f"template of the stack {stack}")
    resolved = resolve(
        template, state.parameters, region=account.region, stack_name=stack, stack_id=state.stack_id
    )
    try:
        with plainly():
            return of_services(account, template, resolved, physical_ids(account, stack))
    except LookupError as error:
        raise ParityError(
            f"the stack '{stack}' cannot be read: {error}", hint=f"parity status --stack {stack}"
        ) from error


def of_services(
    account: Account, template: Template, resolved: Resolved, ids: Mapping[str, str]
) -> Cloud:
    """Return a stack whose resources have these physical ids, as their services describe them."""
    names = [each.logical_id for each in resolved.of_type(*READ)]
    said = found_of(account, resolved, ids, names)
    return Cloud(
        template,
        resolved,
        said={name: any_case(properties) for name, properties in said.items()},
        receipt_digest=digest_of(str(resolved.parameters.get("Receipt", ""))),
    )


def digest_of(receipt_id: str, folder: Path = receipt.FOLDER) -> str:
    """Return the configuration digest that a receipt is about; '' where it is not kept here."""
    try:
        return receipt.read(receipt_id, folder).config_digest
    except UsageError:
        return ""


def any_case(value: Any) -> Any:  # noqa: ANN401 - any value of an API
    """Return a value whose mappings do not mind upper and lower case."""
    if isinstance(value, dict):
        return AnyCase({name: any_case(part) for name, part in value.items()})
    if isinstance(value, list):
        return [any_case(part) for part in value]
    return value
