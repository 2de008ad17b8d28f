"""Take out of an environment what no app can import: tests, headers, source maps, API data."""

import shutil
import sys
from pathlib import Path

TRIMMED = (".h", ".hpp", ".hxx", ".pxd", ".pyx", ".pxi", ".a", ".pyi", ".js.map", ".css.map")
# boto3 needs these of botocore's API descriptions, whatever service is used; sts, sso and
# sso-oidc are how credentials are got.
BOTOCORE_DATA = {"bedrock-runtime", "sts", "sso", "sso-oidc", "signin"}


def trim(environment: Path) -> None:
    """Delete from the environment's packages and their shared files."""
    for file in environment.rglob("*"):
        if file.name.endswith(TRIMMED) and file.is_file():
            file.unlink()
    for packages in environment.glob("lib/python*/site-packages"):
        for tests in [*packages.glob("*/**/tests"), *packages.glob("*/**/test")]:
            if (tests / "__init__.py").exists() or list(tests.glob("test_*.py")):
                shutil.rmtree(tests, ignore_errors=True)
        for service in (packages / "botocore" / "data").iterdir():
            if service.is_dir() and service.name not in BOTOCORE_DATA:
                shutil.rmtree(service)


if __name__ == "__main__":
    trim(Path(sys.argv[1]))
