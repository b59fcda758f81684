"""The base of a night, as the scenarios that begin from it find it."""

from __future__ import annotations

from typing import Any

from lcr_hpc.config import BASE, Config
from lcr_hpc.errors import InputError, StoreError, raise_all
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import Manifest, read_manifest

PLACES = ("areas", "services", "bus")
"""Stores that a scenario reads beside the stage's own."""
FREE_TO_DIFFER = ("changes", "classes", "max_iterations")
"""Settings of `traffic` in which a scenario may differ from its base."""


def is_scenario(config: Config) -> bool:
    """Whether a config begins from the base: it has `traffic.changes`."""
    return config.scenario != BASE and bool(config.traffic.changes)


def read_base(config: Config, layout: Layout) -> Manifest:
    """Manifest of the base that a scenario begins from.

    Raises
    ------
    InputError
        The base has not been run, or not with the settings, network and demand of the scenario: what to do is said.
    """
    try:
        base = read_manifest(layout.base.manifest("traffic"))
    except StoreError:
        raise InputError(
            f"scenario {config.scenario} begins from the base of the night {layout.night}, and {layout.root} has no "
            f"traffic of it ({layout.base.manifest('traffic')} is missing); run the base's config first, in the same "
            "root: `lcr run traffic --config …`, the file that this one `extends`"
        ) from None
    mine, theirs = config.section("traffic"), base.settings.get("traffic", {})
    differ = [k for k in mine if k not in FREE_TO_DIFFER and mine[k] != theirs.get(k)]
    raise_all(
        (
            f"`traffic.{k}` is {_short(mine[k])}, in the base {_short(theirs.get(k))}; a scenario differs by its "
            "changes and classes alone: let it `extends` the base's config"
            for k in differ
        ),
        InputError,
    )
    return base


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
