"""The data dictionary: every variable that a store may hold, said once.

Writers and readers both check against it (`lcr_hpc.store.slabs`), and docs/data-dictionary.md is made from it.
A dimension's shard is the unit of ownership: one writer at a time, whole shards only.
"""

from __future__ import annotations

from lcr_hpc.errors import StoreError
from lcr_hpc.store.variables.models import CARBON, HEALTH, SKIMS, TRAFFIC
from lcr_hpc.store.variables.spine import (
    AIR,
    AREAS,
    BUS,
    COUNTS,
    DEMAND,
    ENERGY,
    MORTALITY,
    NETWORK,
    PEOPLE,
    REFERENCE,
    SERVICES,
    WEATHER,
)
from lcr_hpc.store.variables.variable import (
    DAY_TYPES,
    PURPOSES,
    QUALITY_FLAGS,
    ROAD_CLASSES,
    SENSOR_KINDS,
    SERVICE_KINDS,
    STABILITY_CLASSES,
    Variable,
)

__all__ = [
    "DAY_TYPES",
    "MODEL_STORES",
    "PURPOSES",
    "QUALITY_FLAGS",
    "REGISTRY",
    "ROAD_CLASSES",
    "SENSOR_KINDS",
    "SERVICE_KINDS",
    "SPINE_STORES",
    "STABILITY_CLASSES",
    "TIERS",
    "Variable",
    "variable",
]

TIERS = ("open", "shared", "closed")
"""Access tiers, from the least to the most strict."""

REGISTRY: dict[str, dict[str, Variable]] = {
    store: {variable.name: variable for variable in variables}
    for store, variables in {
        "areas": AREAS,
        "mortality": MORTALITY,
        "network": NETWORK,
        "demand": DEMAND,
        "counts": COUNTS,
        "air": AIR,
        "weather": WEATHER,
        "energy": ENERGY,
        "services": SERVICES,
        "bus": BUS,
        "reference": REFERENCE,
        "people": PEOPLE,
        "traffic": TRAFFIC,
        "carbon": CARBON,
        "health": HEALTH,
        "skims": SKIMS,
    }.items()
}
"""Store name to its variables."""

SPINE_STORES = (
    "areas", "mortality", "network", "demand", "counts", "air", "weather", "energy", "services", "bus", "reference",
    "people",
)  # fmt: skip
MODEL_STORES = ("traffic", "carbon", "health")


def variable(store: str, name: str) -> Variable:
    """Look a variable up; a name that the dictionary does not know is a `StoreError`."""
    try:
        return REGISTRY[store][name]
    except KeyError:
        known = ", ".join(REGISTRY.get(store, REGISTRY))
        raise StoreError(f"{store}: no variable `{name}` in the data dictionary; it has: {known}", field=name) from None
