"""What the carbon stage reads where it is there: large installations, and the traffic of a scenario that was run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import xarray as xr

from lcr_hpc.config import Config
from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import Source, read_manifest
from lcr_hpc.store.slabs import open_store

SHIFTED, UNSHIFTED = "traffic of the scenario", "traffic of its base"


@dataclass(frozen=True)
class Installations:
    """The published figures' store as `reference`, where it holds large installations; else nothing.

    It is no input of the manifest: figures that carbon does not read, and their terms, are no part of its lineage.
    """

    store: dict[str, xr.Dataset] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)


@dataclass(frozen=True)
class RanScenario:
    """Traffic of the scenario that the pathway goes towards (`SHIFTED`) and of its base (`UNSHIFTED`); or nothing."""

    stores: dict[str, xr.Dataset] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def installations(layout: Layout) -> Installations:
    """Large installations of the spine, if a feed of them has landed."""
    name = "point_sources"
    if not layout.manifest("reference").exists():
        return Installations()
    made = read_manifest(layout.manifest("reference"))
    if name not in made.sources:
        return Installations()
    store = open_store(layout.store("reference"), "reference")
    files = {file: sha for file, sha in made.files.items() if file.startswith(f"{name}/")}
    return Installations({"reference": store}, files, {name: made.sources[name]})


def ran_scenario(config: Config, layout: Layout) -> RanScenario:
    """Traffic of the scenario that `carbon.pathway.scenario` names, and of the base of the same night.

    Raises
    ------
    InputError
        A lever `mode_shift` without a scenario; a scenario, or its base, whose traffic has not been run; roads that
        differ from this night's.
    """
    given = config.carbon.pathway
    pulled = any(max(values) > 0.0 for values in given.levers.get("mode_shift", {}).values())
    if not pulled:
        return RanScenario()
    if given.scenario is None:
        raise InputError(
            "carbon.pathway.levers.mode_shift: it changes demand or speeds, so the traffic model runs it first; name "
            "that scenario in `carbon.pathway.scenario`",
            field="mode_shift",
        )
    night = given.scenario_night or config.night
    base = config.scenario if night == config.night else "base"
    wanted = {SHIFTED: replace(layout, night=night, scenario=given.scenario)}
    wanted[UNSHIFTED] = replace(layout, night=night, scenario=base)
    raise_all(_not_run(wanted), InputError)
    made = {name: read_manifest(place.manifest("traffic")) for name, place in wanted.items()}
    stores = {name: open_store(place.store("traffic"), "traffic") for name, place in wanted.items()}
    links = open_store(layout.store("network"), "network", ["length_m"]).sizes["link"]
    raise_all(
        (
            f"carbon.pathway.scenario: traffic.zarr in {wanted[name].night_dir} has {store.sizes['link']} links, "
            f"network.zarr {links}; run that scenario's traffic again"
            for name, store in stores.items()
            if store.sizes["link"] != links
        ),
        InputError,
    )
    return RanScenario(stores, {name: m.fingerprint for name, m in made.items()})


def _not_run(wanted: dict[str, Layout]) -> list[str]:
    problems = []
    for place in wanted.values():
        if not place.manifest("traffic").exists():
            there = sorted(p.parent.name for p in place.night_dir.parent.glob("*/traffic.json"))
            problems.append(
                f"carbon.pathway.scenario: the traffic of scenario `{place.scenario}` of the night {place.night} has "
                f"not been run in {place.root} (there are: {', '.join(there) or 'none'}); run it, `lcr run traffic` "
                f"with a config that says `scenario: {place.scenario}` and the same root"
            )
    return problems
