"""Everything that can be known to fail, looked at before anything is changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.markup import escape

from parity import console
from parity.aws.errors import plainly
from parity.deploy import quotas, vcpu_quota
from parity.deploy.finding import Finding
from parity.deploy.image import ARCHITECTURES
from parity.deploy.models import model_findings
from parity.deploy.plan import ARCHITECTURE, IMAGE, RECEIPT
from parity.deploy.push import check_free, find_repository, pushed
from parity.deploy.stack_state import next_step
from parity.deploy.template import MOST_BYTES
from parity.errors import ParityError
from parity.template.check import check_resolved
from parity.template.resolve import resolve
from parity.template.rules.table import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from parity.aws.account import Account, Identity
    from parity.deploy.image import LocalImage
    from parity.deploy.receipt import Receipt
    from parity.deploy.stack_state import StackState
    from parity.deploy.template import Template
    from parity.template.rules.rule import Rule

COLUMNS = ("check", "state", "found")
SIZE_RULE = "template-size"  # has a check of its own, with the size
COLOURS = {"ok": "green", "noted": "yellow", "failed": "red"}


@dataclass(frozen=True)
class Case:
    """What is about to be deployed where. given: parameters named in the command.

    checkout: the commit that is checked out, '' if unknown. find_local: looks the receipt's image
    up in the local engine; it raises ParityError when no engine answers.
    """

    account: Account
    identity: Identity
    state: StackState
    template: Template
    receipt: Receipt
    given: Mapping[str, str]
    checkout: str
    find_local: Callable[[], LocalImage | None]
    rules: Sequence[Rule] = RULES

    @property
    def parameters(self) -> dict[str, str]:
        """The values that the stack will have: given ones, else as before, else the defaults.

        The image is one of the right form: its digest in ECR is not known before it is there.
        """
        defaults = {name: self.template.default(name) for name in self.template.parameters}
        kept = {name: value for name, value in self.state.parameters.items() if name in defaults}
        host = f"{self.identity.account}.dkr.ecr.{self.account.region}.amazonaws.com"
        image = {
            IMAGE: f"{host}/{self.state.name}@{self.receipt.config_digest}",
            RECEIPT: self.receipt.id,
        }
        return {**defaults, **kept, **image, **self.given}


def examine(case: Case) -> list[Finding]:
    """Return every check's finding; no change is made anywhere."""
    parameters = case.parameters
    return [
        Finding("identity", "ok", f"{case.identity.arn} in {case.identity.account}"),
        Finding("region", "ok", case.account.region),
        receipt_finding(case.receipt, checkout=case.checkout),
        architecture_finding(case.receipt, parameters),
        https_finding(parameters),
        _tried("image", lambda: image_finding(case)),
        size_finding(case.template),
        _tried("template", lambda: _validated(case)),
        _tried("stack", lambda: stack_finding(case.state)),
        vcpu_quota.finding(case.account, parameters, case.state),
        *quotas.findings(case.account, parameters, first=not case.state.exists),
        *model_findings(case.account, parameters.get("BedrockModelIds", "")),
    ]


def rows(findings: Sequence[Finding]) -> list[list[str]]:
    """Return one row a check, with Rich markup, matching COLUMNS."""
    return [
        [finding.name, f"[{COLOURS[finding.state]}]{finding.state}[/]", escape(finding.what)]
        for finding in findings
    ]


def require(findings: Sequence[Finding]) -> None:
    """Print the checks; ParityError for the first that failed, before anything was changed."""
    console.err.print(console.make_table(COLUMNS, rows(findings)))
    failed = [finding for finding in findings if not finding.ok]
    if failed:
        more = f" (and {len(failed) - 1} more of the checks above)" if len(failed) > 1 else ""
        raise ParityError(
            f"nothing was changed: {failed[0].what}{more}", hint=failed[0].hint or "parity doctor"
        )


def receipt_finding(receipt: Receipt, *, checkout: str) -> Finding:
    """Judge the proof: green, or knowingly without."""
    if receipt.untested:
        return Finding("receipt", "noted", f"{receipt.id}: nobody has tested this image")
    if not receipt.green:
        red = [name for name, suite in receipt.suites.items() if not suite.green]
        why = f"not green: {', '.join(red)}" if red else "of a run that did not pass"
        if not receipt.suites:
            why = "without any result of a test"
        return Finding(
            "receipt",
            "failed",
            f"the receipt {receipt.id} is {why}",
            f"scripts/test, or, knowingly, parity deploy --untested --receipt {receipt.id}",
        )
    passed = sum(suite.passed for suite in receipt.suites.values())
    what = f"{receipt.id}: {passed} tests passed"
    if not receipt.tree_clean:
        return Finding("receipt", "noted", f"{what}; built from files that no commit holds")
    if checkout and checkout != receipt.git_revision:
        return Finding("receipt", "noted", f"{what}; of another commit than the one checked out")
    return Finding("receipt", "ok", what)


def architecture_finding(receipt: Receipt, parameters: Mapping[str, str]) -> Finding:
    """Judge whether the image is for the processors that Fargate will be asked for."""
    wanted = parameters.get(ARCHITECTURE, "")
    have = ARCHITECTURES.get(receipt.architecture, receipt.architecture)
    if have == wanted:
        return Finding("architecture", "ok", have)
    return Finding(
        "architecture",
        "failed",
        f"the image is for {have or 'an unknown architecture'}, the stack's parameter"
        f" {ARCHITECTURE} is '{wanted}'",
        f"parity deploy --parameter {ARCHITECTURE}={have}"
        if have in ARCHITECTURES.values()
        else "scripts/test    on an amd64 or arm64 machine",
    )


def https_finding(parameters: Mapping[str, str]) -> Finding:
    """Say by what the chat will be encrypted on its way to the browser, if by anything."""
    if parameters.get("CloudFront") == "on":
        return Finding("https", "ok", "by CloudFront, with its own certificate")
    if parameters.get("CertificateArn"):
        return Finding("https", "ok", f"with {parameters['CertificateArn']}")
    return Finding(
        "https",
        "noted",
        "the chat will be plain HTTP, which others on the way can read and change: neither"
        " CertificateArn nor CloudFront is given",
    )


def size_finding(template: Template) -> Finding:
    """Judge whether CloudFormation takes the template without a bucket."""
    size = len(template.body.encode())
    if size <= MOST_BYTES:
        return Finding("template size", "ok", f"{size:,} of {MOST_BYTES:,} bytes")
    return Finding(
        "template size",
        "failed",
        f"the template has {size:,} bytes; CloudFormation takes {MOST_BYTES:,}",
        "shorten infra/template.yml",
    )


def stack_finding(state: StackState) -> Finding:
    """Judge whether the stack can be created or updated. Raises ParityError where not."""
    step = next_step(state)
    if step == "create":
        return Finding("stack", "ok", f"{state.name} will be created")
    return Finding("stack", "ok", f"{state.name} is in {state.status}")


def image_finding(case: Case) -> Finding:
    """Judge whether there is an image to ship: in ECR already, or in the local engine.

    Raises ParityError when another image has the receipt's tag in ECR, when the repository there is
    somebody else's, or when no engine answers.
    """
    check_free(case.account, case.state.name)
    repository = find_repository(case.account, case.state.name)
    if repository is not None and pushed(repository, case.receipt):
        return Finding("image", "ok", f"in ECR already: {repository.uri}:{case.receipt.id}")
    return local_finding(case.find_local(), case.receipt)


def local_finding(found: LocalImage | None, receipt: Receipt) -> Finding:
    """Judge whether the engine still has the very image that the receipt speaks of."""
    if found is None:
        return Finding(
            "image",
            "failed",
            f"the image of receipt {receipt.id} is neither in the local engine nor in ECR",
            "scripts/test    (builds and tests one), then parity deploy",
        )
    if found.config_digest != receipt.config_digest:
        return Finding(
            "image",
            "failed",
            f"the local image {found.config_digest} is not the tested one, {receipt.config_digest}",
            "scripts/test    (makes a new receipt), then parity deploy",
        )
    if found.architecture != receipt.architecture:
        return Finding(
            "image",
            "failed",
            f"the local image is for {found.architecture}, its receipt says {receipt.architecture}",
            "scripts/test    (makes a new receipt), then parity deploy",
        )
    return Finding("image", "ok", f"{receipt.config_digest[:19]} in the local engine")


def _validated(case: Case) -> Finding:
    """Judge the template with the parameters that it will have. Raises ParityError if refused."""
    if len(case.template.body.encode()) <= MOST_BYTES:  # else it cannot even be asked
        with plainly():
            cloudformation = case.account.client("cloudformation")
            cloudformation.validate_template(TemplateBody=case.template.body)
    unknown = sorted(set(case.given) - set(case.template.parameters))
    if unknown:
        raise ParityError(
            f"the template has no parameter '{unknown[0]}'",
            hint=f"one of: {', '.join(sorted(case.template.parameters))}",
        )
    resolved = resolve(
        case.template.parsed,
        case.parameters,
        region=case.account.region,
        account=case.identity.account,
        stack_name=case.state.name,
    )
    broken = [
        f"{fault.logical_id} {fault.path}: {fault.wrong}; should be {fault.right}"
        for rule, fault in check_resolved(resolved, case.rules)
        if rule.name != SIZE_RULE
    ]
    if broken:
        more = f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""
        mend = "give other parameters than " + ", ".join(
            f"{name}={value}" for name, value in sorted(case.given.items())
        )
        raise ParityError(
            f"{broken[0]}{more}",
            hint=f"{mend}, or git diff infra/template.yml"
            if case.given
            else "git diff infra/template.yml",
        )
    return Finding("template", "ok", f"valid, {len(resolved.resources)} resources")


def _tried(name: str, check: Callable[[], Finding]) -> Finding:
    """Return a check's finding, or its error as one."""
    try:
        return check()
    except ParityError as error:
        return Finding(name, "failed", error.what, error.hint)
