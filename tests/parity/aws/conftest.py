"""Every test here runs in a shell of its own."""

from tests.parity.aws.credentials import credentials  # noqa: F401 - used by every test here
