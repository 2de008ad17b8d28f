"""A template as it is going to run on this machine: decided here, before anything is done."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from parity.efs import service as efs
from parity.from_template import differences, service, source
from parity.from_template.balancer import balancing_of
from parity.from_template.model import Wanted, model_of
from parity.from_template.secret_values import values_of
from parity.from_template.task import plan_of
from parity.from_template.volume import volume_of
from parity.https import service as https
from parity.project import MAX_REPLICAS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parity.from_template.balancer import LoadBalancing
    from parity.from_template.source import Source
    from parity.project import Settings


@dataclass(frozen=True)
class Planned:
    """A template and what becomes of it.

    settings: of the stack, with the template's replicas and stickiness in place of their own.
    """

    settings: Settings
    source: Source
    wanted: Wanted
    balancing: LoadBalancing

    @property
    def meant(self) -> list[differences.Difference]:
        """What is meant to differ."""
        https_too = self.settings.https
        found = differences.meant(self.source, self.wanted, self.balancing, https=https_too)
        return list(found)

    @property
    def not_run(self) -> list[differences.Difference]:
        """What nothing here does."""
        wanted_efs = efs.is_wanted(self.settings)
        return list(differences.not_run(self.source, self.balancing, efs=wanted_efs))


def plan(settings: Settings, file: Path, parameters: Mapping[str, str]) -> Planned:
    """Return how a template runs, with the secrets that it takes made or found.

    Raises ParityError with file and line for all that is wrong with it and can be known before.
    """
    found = source.read(file, parameters, region=settings.region, stack_name=settings.project)
    task = plan_of(found)
    volume = volume_of(found, task)
    balancing = balancing_of(found)
    replicas = source.replicas(found)
    if not 1 <= replicas <= MAX_REPLICAS:
        raise found.error(
            found.service.resource, "", f"{replicas} tasks are not from 1 to {MAX_REPLICAS}"
        )
    files = service.of(settings.project)
    settings = replace(
        https.wanted(settings) if balancing.https else settings,
        model=service.name_of(files.model),
        replicas=replicas,
        sticky=balancing.sticky,
    )
    digest = hashlib.sha256(balancing.text.encode()).hexdigest()
    wanted = Wanted(
        plan=task,
        volume=volume,
        secrets=values_of(found, task.secrets, files.secrets),
        replicas=replicas,
        # Named by its content: a running nginx keeps the file that it was started with.
        attributes=(str(files.folder / f"attributes-{digest[:8]}.json"), digest),
        efs=efs.is_wanted(settings),
        notes={
            "template": found.template.name,
            "sticky": balancing.sticky,
            "user": volume.user,
        },
    )
    return Planned(settings, found, wanted, balancing)


def write(planned: Planned) -> Settings:
    """Write what Compose reads to try it with; return the settings of that try."""
    files = service.of(planned.settings.project)
    files.folder.mkdir(parents=True, exist_ok=True)
    attributes = Path(planned.wanted.attributes[0])
    attributes.write_text(planned.balancing.text)
    attributes.chmod(0o644)  # whatever the umask: nginx's user has to read it
    descriptor = os.open(files.tried, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as opened:  # it holds secrets
        json.dump(model_of(planned.wanted), opened, indent=2)
    return replace(planned.settings, model=service.name_of(files.tried))


def accept(planned: Planned) -> None:
    """Make what was tried the stack's own."""
    files = service.of(planned.settings.project)
    files.tried.replace(files.model)
