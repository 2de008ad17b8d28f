"""Secrets as Secrets Manager would give them to a task, from files of this checkout."""

from __future__ import annotations

import json
import os
import re
import secrets
import string
from typing import TYPE_CHECKING

from parity.template.place import place
from parity.template.values import as_reference

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from parity.from_template.source import Source
    from parity.template.place import Place
    from parity.template.values import Resource

SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a type of resource
DEFAULT_LENGTH = 32
ARN = re.compile(r"arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:(?P<name>[^:]+)(?P<rest>.*)")
PLACEHOLDER = re.compile(r"(?P<name>\$\{[A-Za-z0-9.]+\})(?P<rest>.*)")
SUFFIX = re.compile(r"-[A-Za-z0-9]{6}$")  # that Secrets Manager adds to a name
KINDS = {  # by the key of GenerateSecretString that leaves them out
    "ExcludeUppercase": string.ascii_uppercase,
    "ExcludeLowercase": string.ascii_lowercase,
    "ExcludeNumbers": string.digits,
    "ExcludePunctuation": string.punctuation,
}


def values_of(source: Source, asked: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return each variable's secret. asked: what the task definition has as ValueFrom.

    A secret that the template makes is made here, too, once, in a file of the folder; of any other
    the file has to be there. Raises ParityError with file and line where it is not.
    """
    return {
        name: _value(source, index, value_from, folder)
        for index, (name, value_from) in enumerate(asked.items())
    }


def _value(source: Source, index: int, value_from: str, folder: Path) -> str:
    where = source.container["Secrets"][index]["ValueFrom"]
    found = PLACEHOLDER.fullmatch(value_from) or ARN.fullmatch(value_from)
    if found is None:
        raise source.error_at(where, f"'{value_from}' is no secret of Secrets Manager")
    reference = as_reference(found["name"])
    resource = source.resolved.resources.get(getattr(reference, "logical_id", ""))
    if resource is None:
        file = folder / re.sub(r"[^\w.@+=-]", "_", SUFFIX.sub("", found["name"]))
        if not file.is_file():
            error = source.error_at(where, f"the template does not make the secret '{value_from}'")
            error.hint = f"put its value into {file}, then run this again"
            raise error
        whole = file.read_text().rstrip("\n")
    elif resource.type != SECRET:
        raise source.error_at(where, f"'{resource.logical_id}' is no {SECRET}")
    else:
        whole = _made(folder / resource.logical_id, place(source.resolved, resource), resource)
    key = found["rest"].lstrip(":").partition(":")[0]
    if not key:
        return whole
    try:
        return str(json.loads(whole)[key])
    except (ValueError, KeyError, TypeError) as error:
        raise source.error_at(where, f"the secret has no JSON key '{key}'") from error


def _made(file: Path, secret: Place, resource: Resource) -> str:
    """Return a secret that the template makes: the same at each start."""
    if secret["SecretString"]:
        return secret["SecretString"].text
    if not file.is_file():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = generated(resource)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as opened:
            opened.write(made)
    return file.read_text()


def generated(resource: Resource) -> str:
    """Return a new secret as GenerateSecretString asks for it; '' where it asks for none.

    At least one character of each kind that is not excluded is in it.
    """
    asked = resource.properties.get("GenerateSecretString")
    if not isinstance(asked, dict):
        return ""
    refused = set(str(asked.get("ExcludeCharacters", "")))

    def says(name: str) -> bool:
        return str(asked.get(name, False)).lower() == "true"

    kinds = [
        "".join(each for each in kind if each not in refused)
        for name, kind in KINDS.items()
        if not says(name)
    ]
    kinds += [" "] if says("IncludeSpace") else []
    kinds = [kind for kind in kinds if kind]
    length = int(str(asked.get("PasswordLength", DEFAULT_LENGTH)))
    letters = [secrets.choice(kind) for kind in kinds][:length]
    letters += [secrets.choice("".join(kinds)) for _ in range(length - len(letters))]
    secrets.SystemRandom().shuffle(letters)
    password = "".join(letters)
    if key := asked.get("GenerateStringKey"):
        return json.dumps({**json.loads(str(asked["SecretStringTemplate"])), str(key): password})
    return password
