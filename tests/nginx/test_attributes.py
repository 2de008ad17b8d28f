"""nginx/attributes.json has no value that `parity check` does not hold against the template."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from parity.facts.check import check
from parity.project import ROOT
from tests.parity.facts.checkout import OVER_HTTPS, PLAIN, cloud_side, copied, local_side

if TYPE_CHECKING:
    from pathlib import Path

ATTRIBUTES: dict[str, dict[str, Any]] = json.loads((ROOT / "nginx" / "attributes.json").read_text())


@pytest.mark.parametrize(
    ("section", "name"), [(section, name) for section in ATTRIBUTES for name in ATTRIBUTES[section]]
)
def test_every_attribute_of_nginx_is_compared(section: str, name: str, tmp_path: Path) -> None:
    """So that none of its values is a copy which nobody holds against the template."""
    folder = copied(tmp_path)
    old = ATTRIBUTES[section][name]
    new = not old if isinstance(old, bool) else old + 1 if isinstance(old, int) else "other"
    changed = {key: dict(values) for key, values in ATTRIBUTES.items()}
    changed[section][name] = new
    path = folder / "nginx" / "attributes.json"
    path.write_text(json.dumps(changed, indent=2))
    if name == "SslPolicy":
        (folder / "nginx" / "other.conf").write_text("ssl_protocols TLSv1.2;\n")
    stack = OVER_HTTPS if section == "listener" else PLAIN
    found = check(local_side(folder, stack), cloud_side(stack=stack))
    assert [each.fact.name for each in found if each.verdict == "different"]
