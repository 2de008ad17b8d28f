"""The facts table: what must agree between compose.yaml and the template, one row a fact."""

from __future__ import annotations

from parity.facts.table.container import CONTAINER
from parity.facts.table.environment import ENVIRONMENT
from parity.facts.table.health import HEALTH
from parity.facts.table.image import IMAGE
from parity.facts.table.load_balancer import LOAD_BALANCER
from parity.facts.table.operation import OPERATION
from parity.facts.table.stopping import STOPPING
from parity.facts.table.storage import STORAGE
from parity.facts.table.tls import TLS

TABLE = (IMAGE, CONTAINER, ENVIRONMENT, STORAGE, LOAD_BALANCER, HEALTH, STOPPING, TLS, OPERATION)
FACTS = {fact.name: fact for group in TABLE for fact in group.facts}
