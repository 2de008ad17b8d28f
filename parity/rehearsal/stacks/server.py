"""CloudFormation for the rehearsal: ministack's stacks, our providers; on one loopback port."""

from __future__ import annotations

import asyncio
import os
import sys
import uuid
from typing import Any

from botocore.exceptions import ClientError

from parity.rehearsal.stacks import (
    containers,
    edge,
    identity,
    load_balancer,
    network,
    observation,
    storage,
)
from parity.rehearsal.stacks.api import call
from parity.rehearsal.stacks.provider import Made, Properties, Provider, Request

PROVIDERS: dict[str, Provider] = {
    **network.PROVIDERS,
    **load_balancer.PROVIDERS,
    **containers.PROVIDERS,
    **storage.PROVIDERS,
    **identity.PROVIDERS,
    **observation.PROVIDERS,
    **edge.PROVIDERS,
}
Answer = tuple[str, dict[str, str]]


def handler_of(provider: Provider) -> dict[str, Any]:
    """Return a provider in the form in which ministack keeps its own."""

    def create(logical_id: str, properties: Properties, stack: str) -> Answer:
        return _answer(provider.create(Request(logical_id, properties, stack)))

    def update(
        identifier: str, before: Properties, properties: Properties, stack: str, logical_id: str
    ) -> Answer:
        if provider.update is None:
            raise NotImplementedError(f"{logical_id} has changed; the rehearsal cannot do that")
        request = Request(logical_id, properties, stack, identifier, before)
        return _answer(provider.update(request))

    def delete(identifier: str, properties: Properties) -> None:
        provider.delete(identifier, properties)

    return {"create": create, "update": update, "update_with_logical_id": True, "delete": delete}


def _answer(made: Made) -> Answer:
    return made.identifier, dict(made.attributes)


def _placeholder() -> Provider:
    """A type nobody here knows is recorded and no more; the read-back finds nothing of it."""

    def record(request: Request) -> Made:
        return Made(request.identifier or f"{request.logical_id}-{uuid.uuid4().hex[:8]}")

    return Provider(record, lambda _identifier, _properties: None, record)


class Handlers(dict[str, Any]):
    """Ministack's table of handlers, with an answer for every AWS type."""

    def __contains__(self, resource_type: object) -> bool:
        """Tell that any AWS type can be made; one that is unknown is only recorded."""
        return str(resource_type).startswith("AWS::")

    def get(self, resource_type: str, default: Any = None) -> Any:  # noqa: ANN401 - as in dict
        """Return the handler of a type."""
        if dict.__contains__(self, resource_type):
            return self[resource_type]
        return handler_of(_placeholder()) if resource_type in self else default


def _secret(identifier: str, stage: str, version: str | None) -> str | None:
    """Return what a dynamic reference to a secret comes to; None where there is no such secret."""
    which = {"VersionId": version} if version else {"VersionStage": stage}
    try:
        answer = call("secretsmanager", "GetSecretValue", SecretId=identifier, **which)
    except ClientError:
        return None
    return str(answer["SecretString"])


def plug_in() -> None:
    """Put our providers in place of ministack's own.

    What is changed beyond that: secrets are those of the emulated account, not of ministack's own
    Secrets Manager; which properties replace a resource, because ministack has no
    list for some types; a service whose update failed is sent back, as CloudFormation does; a
    resource whose condition is false is no change; and every provider runs apart from the
    event loop, because it waits for other servers.
    """
    from ministack.services import secretsmanager  # noqa: PLC0415 - as below
    from ministack.services.cloudformation import (  # noqa: PLC0415 - only in its environment
        changesets,
        engine,
        provisioners,
        stacks,
    )

    secretsmanager.resolve_secret_string = _secret
    handlers = Handlers({name: handler_of(provider) for name, provider in PROVIDERS.items()})
    provisioners._RESOURCE_HANDLERS = handlers  # noqa: SLF001 - it has no interface for this
    changesets._RESOURCE_HANDLERS = handlers  # noqa: SLF001 - as above
    replacing = {name: provider.replaced_by for name, provider in PROVIDERS.items()}
    provisioners._REPLACING_PROPERTIES.update(replacing)  # noqa: SLF001 - as above
    provisioners._CUSTOM_NAME_REPLACEMENT.clear()  # noqa: SLF001 - as above
    stacks._runs_on_worker_thread = lambda _resource_type: True  # noqa: SLF001 - as above
    stacks._sends_back_failed_update = (  # noqa: SLF001 - as above
        lambda resource_type: resource_type == "AWS::ECS::Service"
    )
    whole = changesets._resolve_props_for_diff  # noqa: SLF001 - as above

    def existing(template: Any, params: Any, name: str, identifier: str) -> Any:  # noqa: ANN401
        resolved = whole(template, params, name, identifier)
        if not resolved:
            return resolved
        conditions = engine._evaluate_conditions(template, params)  # noqa: SLF001 - as above
        wanted = {
            logical_id: resource
            for logical_id, resource in resolved["Resources"].items()
            if conditions.get(resource.get("Condition"), True)
        }
        return {**resolved, "Resources": wanted}

    changesets._resolve_props_for_diff = existing  # noqa: SLF001 - as above


def main() -> None:
    """Serve until the process is ended; the one argument is the port."""
    port = sys.argv[1]
    os.environ["GATEWAY_PORT"] = port
    from hypercorn.asyncio import serve  # noqa: PLC0415 - only in its environment
    from hypercorn.config import Config  # noqa: PLC0415 - as above
    from ministack.app import app  # noqa: PLC0415 - reads the environment as it is imported

    plug_in()
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    asyncio.run(serve(app, config))


if __name__ == "__main__":
    main()
