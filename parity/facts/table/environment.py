"""What a replica is told: variables, secrets, models and the right to use them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from parity.facts.fact import EQUAL, SAME_SET, Agreement, Fact, Group, MeantItems, Reader, Seen
from parity.facts.readers import constant, task_variable, variable
from parity.facts.units import first, listed, number, text
from parity.template.contract import COOKIE_SECRET
from parity.template.rules.container import SECRET_NAME

if TYPE_CHECKING:
    from parity.facts.cloud import Cloud
    from parity.facts.local import Local
    from parity.facts.node import Where

MODELS = "BEDROCK_MODEL_IDS"
INVOKE = "bedrock:InvokeModelWithResponseStream"
STAND_IN = "the stand-in for Bedrock; the cloud calls Bedrock itself"
CREDENTIALS = "there the task's role gives credentials"
MADE_HERE = "on one volume the replicas make it themselves (`app/cookie_secret.py`)"
# Each has a fact of its own, which says what its value must agree with.
ON_THEIR_OWN = frozenset(
    {
        COOKIE_SECRET,
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "LANG",
        "LC_ALL",
        "METRICS_SERVICE",
        MODELS,
        "SESSION_MAX_AGE_DAYS",
        "SESSION_QUOTA_MIB",
        "SESSION_ROOT",
        "STOP_SECONDS",
        "TZ",
    }
)
THE_STACK = "the stack's own name"
OWN = "the app's own default"


def _local_names(local: Local) -> Seen:
    names = frozenset(local.app["environment"].items) - ON_THEIR_OWN
    return Seen(names, (local.app["environment"] or local.app).where)


def _cloud_variables(cloud: Cloud) -> dict[str, str]:
    entries = cloud.container["Environment"] if cloud.container else ()
    return {each["Name"].text: each["Value"].text for each in entries}


def _cloud_names(cloud: Cloud) -> Seen:
    where = cloud.where(cloud.container["Environment"] if cloud.container else None)
    return Seen(frozenset(_cloud_variables(cloud)) - ON_THEIR_OWN, where)


def _local_values(local: Local) -> Seen:
    own = {key: node.text for key, node in local.app["environment"].items.items()}
    return _values(own, (local.app["environment"] or local.app).where)


def _cloud_values(cloud: Cloud) -> Seen:
    where = cloud.where(cloud.container["Environment"] if cloud.container else None)
    return _values(_cloud_variables(cloud), where)


def _values(variables: dict[str, str], where: Where) -> Seen:
    """Return the variables that have no fact of their own; of secrets only a fingerprint."""
    pairs = {
        (key, fingerprint(text) if SECRET_NAME.search(key) else text)
        for key, text in variables.items()
        if key not in ON_THEIR_OWN
    }
    return Seen(frozenset(pairs), where, text=f"{len(pairs)} variables")


def fingerprint(secret: str) -> str:
    """Return what tells two secrets apart and tells nothing else of them."""
    return f"a secret ({hashlib.sha256(secret.encode()).hexdigest()[:8]})"


def _of_two_values(local: object, cloud: object) -> str:
    """Return the variables that both sides have, with another value each."""
    here, there = _mapping(local), _mapping(cloud)
    return "; ".join(
        f"{key} is '{here[key]}' here, '{there[key]}' there"
        for key in sorted(here)
        if key in there and here[key] != there[key]
    )


def _mapping(pairs: object) -> dict[str, str]:
    return dict(pairs) if isinstance(pairs, frozenset) else {}


SAME_WHERE_BOTH = Agreement(
    "what both sides have has the same value",
    lambda local, cloud: not _of_two_values(local, cloud),
    _of_two_values,
)


def _secrets(local: Local) -> Seen:
    given = local.app["secrets"]
    names = {each["target"].text or each["source"].text or each.text for each in given}
    if local.app["environment"][COOKIE_SECRET]:  # given here as the cloud gives it: to the process
        names.add(COOKIE_SECRET)
    return Seen(frozenset(names), (given or local.app).where)


def _cloud_secrets(cloud: Cloud) -> Seen:
    found = cloud.container["Secrets"] if cloud.container else None
    return Seen(frozenset(each["Name"].text for each in found or ()), cloud.where(found))


def _rights(cloud: Cloud) -> Seen:
    """The models that the task's role may invoke by name."""
    statements = cloud.statements(INVOKE)
    texts = [each for statement in statements for each in statement["Resource"].texts]
    ids = {each.rpartition("foundation-model/")[2] for each in texts if "foundation-model/" in each}
    where = cloud.where(statements[0]["Resource"] if statements else None)
    return Seen(frozenset(ids - {"*"}), where)


def _metrics(local: Local) -> Seen:
    found = local.app["environment"]["METRICS_SERVICE"]
    return Seen(THE_STACK if found.text == local.project else found.text, found.where)


def _cloud_metrics(cloud: Cloud) -> Seen:
    found = task_variable("METRICS_SERVICE").read(cloud)
    return Seen(THE_STACK if found.value == cloud.resolved.stack_name else found.value, found.where)


def _or_default(told: str, key: str) -> Reader[Local]:
    """Read a variable; a value that the app takes by itself counts as left out."""

    def read(local: Local) -> Seen:
        given = variable(told, number).read(local)
        own = constant("settings", key, number).read(local)
        if given.value is None or given.value == own.value:
            return Seen(OWN, given.where, given.written)
        return replace(given, unseen=own.unseen)

    return Reader(f"`{told}` of the service `app`, against `{key}` of `app/settings.py`", read)


ENVIRONMENT = Group(
    "Environment",
    (
        Fact(
            "environment-names",
            "A variable that is only set here is missing there, and the app behaves otherwise "
            "without a word.",
            Reader("names of `environment` of the service `app`", _local_names),
            Reader("names of `Environment` of the container definition", _cloud_names),
            SAME_SET,
            meant=MeantItems(
                local={
                    "AWS_ACCESS_KEY_ID": CREDENTIALS,
                    "AWS_SECRET_ACCESS_KEY": CREDENTIALS,
                    "AWS_SESSION_TOKEN": CREDENTIALS,
                    "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": STAND_IN,
                }
            ),
        ),
        Fact(
            "environment-values",
            "A variable of another value makes another app of the same image.",
            Reader("values of `environment` of the service `app`", _local_values),
            Reader("values of `Environment` of the container definition", _cloud_values),
            SAME_WHERE_BOTH,
        ),
        Fact(
            "secrets",
            "A secret that is missing there is replaced by one of each replica's own, and nobody "
            "stays signed in.",
            Reader(
                "`secrets` of the service `app`, and the cookie secret in its environment", _secrets
            ),
            Reader("names of `Secrets` of the container definition", _cloud_secrets),
            SAME_SET,
            meant=MeantItems(cloud={COOKIE_SECRET: MADE_HERE}),
        ),
        Fact(
            "region",
            "Models and their limits differ by region: what answers here may not be there.",
            variable("AWS_REGION"),
            task_variable("AWS_REGION"),
            EQUAL,
            write=text,
        ),
        Fact(
            "default-region",
            "Some of AWS's libraries only read this one.",
            variable("AWS_DEFAULT_REGION"),
            task_variable("AWS_DEFAULT_REGION"),
            EQUAL,
            rests_on=("region",),
            write=text,
        ),
        Fact(
            "models",
            "The model box must offer the same models, or what was tried here is not there.",
            variable(MODELS, listed),
            task_variable(MODELS, listed),
            SAME_SET,
            write=lambda value: ",".join(sorted(value)) if isinstance(value, frozenset) else "",
        ),
        Fact(
            "default-model",
            "The first model answers whoever chooses none.",
            variable(MODELS, first),
            task_variable(MODELS, first),
            EQUAL,
            rests_on=("models",),
        ),
        Fact(
            "model-rights",
            "A model that the role may not invoke is on offer, and answers with an error.",
            variable(MODELS, listed),
            Reader("models that the task's role may invoke", _rights),
            SAME_SET,
            rests_on=("models",),
        ),
        Fact(
            "metrics-service",
            "Under another name than the stack's, the service does not scale by its chats.",
            Reader(
                "`METRICS_SERVICE` of the service `app`, against Compose's project name", _metrics
            ),
            Reader(
                "`METRICS_SERVICE` of the container definition, against the stack's name",
                _cloud_metrics,
            ),
            EQUAL,
        ),
        Fact(
            "session-max-age",
            "Where sessions are kept for fewer days, users lose what is still there here.",
            _or_default("SESSION_MAX_AGE_DAYS", "DEFAULT_MAX_AGE_DAYS"),
            task_variable("SESSION_MAX_AGE_DAYS", number, OWN),
            EQUAL,
            unit="days",
        ),
        Fact(
            "session-quota",
            "Where a session may keep less, uploads are refused that are taken here.",
            _or_default("SESSION_QUOTA_MIB", "DEFAULT_QUOTA_MIB"),
            task_variable("SESSION_QUOTA_MIB", number, OWN),
            EQUAL,
            unit="MiB",
        ),
    ),
)
