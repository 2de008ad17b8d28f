from __future__ import annotations

import pytest

from bedrock.settings import Settings


def test_empty_variables_mean_the_defaults() -> None:
    """Compose passes unset variables as empty strings; they change nothing."""
    assert Settings.from_env({"BEDROCK_FIRST_TOKEN_MS": "", "BEDROCK_UPSTREAM": ""}) == Settings()


def test_variables_are_read_in_their_units() -> None:
    """Milliseconds become seconds, everything else is kept."""
    settings = Settings.from_env(
        {
            "BEDROCK_FIRST_TOKEN_MS": "0",
            "BEDROCK_TOKENS_PER_SECOND": "2.5",
            "BEDROCK_UPSTREAM": "http://ollama:11434/v1",
            "BEDROCK_UPSTREAM_MODEL": "llama3",
        }
    )
    assert settings == Settings(0.0, 2.5, "http://ollama:11434/v1", "llama3")


@pytest.mark.parametrize("value", ["fast", "-1", "nan", "inf"])
def test_a_value_that_is_no_pace_is_quoted_in_the_error(value: str) -> None:
    """A wrong number stops the start, and the error names it."""
    with pytest.raises(ValueError, match=f"BEDROCK_FIRST_TOKEN_MS='{value}'"):
        Settings.from_env({"BEDROCK_FIRST_TOKEN_MS": value})


def test_an_upstream_is_a_url() -> None:
    """A host name alone is refused at the start, not at the first prompt."""
    with pytest.raises(ValueError, match="BEDROCK_UPSTREAM='ollama:11434'"):
        Settings.from_env({"BEDROCK_UPSTREAM": "ollama:11434"})


def test_no_tokens_at_all_per_second_is_refused() -> None:
    """A pace of zero would never end an answer."""
    with pytest.raises(ValueError, match="never end"):
        Settings.from_env({"BEDROCK_TOKENS_PER_SECOND": "0"})
