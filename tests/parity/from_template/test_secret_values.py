"""Secrets that a task gets, from files, as Secrets Manager would give them."""

from __future__ import annotations

import json
import stat
import string
from typing import TYPE_CHECKING

import pytest

from parity.errors import ParityError
from parity.from_template.secret_values import generated, values_of
from parity.template.values import Resource
from tests.parity.from_template.templates import CONTAINER, line, source
from tests.parity.template.changing import put

if TYPE_CHECKING:
    from pathlib import Path

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:team/chat-AbCdEf"
MADE = {"V": "${CookieSecret}"}


def secret(**generate: object) -> Resource:
    """Return a secret that is generated so."""
    return Resource("S", "AWS::SecretsManager::Secret", {"GenerateSecretString": generate})


def test_secret_of_the_template_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    """As long as the template asks for; every start finds the same."""
    folder = tmp_path / "secrets"
    first = values_of(source(), MADE, folder)["V"]
    assert len(first) == 64
    assert first.isalnum()
    assert values_of(source(), MADE, folder) == {"V": first}
    assert stat.S_IMODE((folder / "CookieSecret").stat().st_mode) == 0o600


def test_secret_that_is_written_in_the_template_is_that(tmp_path: Path) -> None:
    """Nothing is kept of it; with a key, one value of its JSON is meant."""
    text = put("CookieSecret.SecretString", '{"a": "1"}')
    assert values_of(source(text), MADE, tmp_path) == {"V": '{"a": "1"}'}
    assert values_of(source(text), {"V": "${CookieSecret}:a::"}, tmp_path) == {"V": "1"}
    assert not list(tmp_path.iterdir())
    with pytest.raises(ParityError, match="no JSON key 'b'"):
        values_of(source(text), {"V": "${CookieSecret}:b::"}, tmp_path)


def test_any_other_secret_has_to_be_in_a_file(tmp_path: Path) -> None:
    """Which the error names, with the line of who asks for it."""
    with pytest.raises(ParityError, match="does not make the secret") as caught:
        values_of(source(put(f"{CONTAINER}.Secrets.0.ValueFrom", ARN)), {"V": ARN}, tmp_path)
    assert f":{line('STREAMLIT_SERVER_COOKIE_SECRET')}: TaskDefinition." in caught.value.what
    assert str(tmp_path / "team_chat") in caught.value.hint
    (tmp_path / "team_chat").write_text('{"key": "found"}\n')
    assert values_of(source(), {"V": f"{ARN}:key::"}, tmp_path) == {"V": "found"}
    assert values_of(source(), {"V": ARN}, tmp_path) == {"V": '{"key": "found"}'}


@pytest.mark.parametrize("asked", ["my-secret", "${LogGroup}"])
def test_what_is_no_secret_of_secrets_manager_is_refused(asked: str, tmp_path: Path) -> None:
    """A bare name means a parameter of another service to ECS."""
    with pytest.raises(ParityError, match="is no"):
        values_of(source(), {"V": asked}, tmp_path)


def test_generated_secret_has_every_kind_that_is_not_excluded() -> None:
    """And nothing that is; of the length that is asked for."""
    made = generated(secret(PasswordLength=12, ExcludeCharacters="abc", IncludeSpace="true"))
    assert len(made) == 12
    assert " " in made
    assert not set(made) & set("abc")
    for kind in (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation):
        assert set(made) & set(kind)
    numbers = generated(
        secret(ExcludeUppercase=True, ExcludeLowercase=True, ExcludePunctuation=True)
    )
    assert numbers.isdecimal()
    assert len(numbers) == 32


def test_generated_key_goes_into_its_template() -> None:
    """JSON, as Secrets Manager keeps it."""
    made = generated(secret(SecretStringTemplate='{"user": "u"}', GenerateStringKey="password"))
    assert json.loads(made)["user"] == "u"
    assert len(json.loads(made)["password"]) == 32
