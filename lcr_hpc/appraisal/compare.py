"""Two scenarios of one night, held against each other in the models' stores: `lcr appraise`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.appraisal.gains import GainsAndLosses, gains_and_losses
from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import read_manifest
from lcr_hpc.store.slabs import open_store

FloatArray = NDArray[np.float64]
Better = Literal["lower", "higher"]
SHARED = ("areas", "mortality", "people", "services")
"""Stores that both scenarios must rest on: a difference in these is no effect of the scenario."""
PER = 100_000.0


@dataclass(frozen=True)
class Measure:
    """One thing that a scenario may change for people."""

    name: str
    units: str
    better: Better
    base: FloatArray
    """[draw, area] or [area]"""
    scenario: FloatArray


_SHOWN = {
    "mean_change": "mean change",
    "people_gain": "gain",
    "people_lose": "lose",
    "people_same": "same",
    "slope_index_base": "slope, base",
    "slope_index_scenario": "scenario",
    "probability_narrows": "P(narrows)",
    "probability_widens": "P(widens)",
}
"""Columns of the table, as a person sees them."""


def compare_scenarios(layout: Layout, base: str, scenario: str) -> dict[str, GainsAndLosses]:
    """Who gains and who loses in one scenario of a night against another, for each measure in the stores.

    Parameters
    ----------
    layout : Layout
        Root and night; its scenario does not matter.
    base, scenario : str
        Names of scenarios that have been run for the night.

    Returns
    -------
    dict
        By measure, with its unit in parentheses: concentrations, attributable deaths, time to and access to services,
        time to work, road CO2 emitted nearby.

    Raises
    ------
    InputError
        A scenario that has not been run; two that rest on other places, people or services, or whose draws do not
        belong together.
    """
    one, other = scenario_layouts(layout, base, scenario)
    areas = open_store(layout.store("areas"), "areas", ["population", "deprivation_rank"]).load()
    people = areas["population"].to_numpy().sum(axis=1).astype(np.float64)
    rank = areas["deprivation_rank"].to_numpy().astype(np.float64)
    rank[rank < 1] = np.nan
    return {
        f"{m.name} ({m.units})": gains_and_losses(m.base, m.scenario, people, rank, better=m.better)
        for m in _measures(one, other, people)
        if np.isfinite(m.base + m.scenario).any()
    }


def scenario_layouts(layout: Layout, base: str, scenario: str) -> tuple[Layout, Layout]:
    """Where two scenarios of a night lie, once they are known to have been run on the same places, people and draws.

    Raises
    ------
    InputError
        As of `compare_scenarios`.
    """
    one, other = replace(layout, scenario=base), replace(layout, scenario=scenario)
    _check_alike(one, other)
    return one, other


def as_table(found: dict[str, GainsAndLosses]) -> pd.DataFrame:
    """One row a measure: what changes on average, for how many people, and what happens to the gap."""
    rows = [
        {
            "measure": name,
            "mean_change": g.mean_change,
            "people_gain": float(g.people_gain.sum()),
            "people_lose": float(g.people_lose.sum()),
            "people_same": float(g.people_same.sum()),
            "most_deprived_tenth": float(g.decile_scenario[0] - g.decile_base[0]),
            "least_deprived_tenth": float(g.decile_scenario[-1] - g.decile_base[-1]),
            "slope_index_base": float(np.median(g.slope_base)),
            "slope_index_scenario": float(np.median(g.slope_scenario)),
            "probability_narrows": g.probability_narrows,
            "probability_widens": g.probability_widens,
            "areas_left_out": g.left_out,
        }
        for name, g in found.items()
    ]
    return pd.DataFrame(rows)


def describe(found: dict[str, GainsAndLosses], base: str, scenario: str) -> str:
    """Return the table as text for a person."""
    table = as_table(found)
    head = f"{scenario} against {base}: people whose area gains, loses or stays, and the slope index along deprivation"
    shown = table.set_index("measure")[list(_SHOWN)].rename(columns=_SHOWN)
    text = shown.to_string(float_format=_figure)
    return f"{head}\n{text}\n(modelled; slope index: most to least deprived end, median of the draws)"


def _figure(value: float) -> str:
    if abs(value) < 1e-9:  # what is left of a sum whose parts cancel
        return "0"
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def _check_alike(one: Layout, other: Layout) -> None:
    """Refuse what would make a difference that is none of the scenario's."""
    known = sorted(p.parent.name for p in one.night_dir.parent.glob("*/health.json"))
    raise_all(
        (
            f"no scenario `{place.scenario}` of the night {place.night} in {place.root}; there are: "
            f"{', '.join(known) or 'none'}. Run it with a config that says `scenario: {place.scenario}`"
            for place in (one, other)
            if place.scenario not in known
        ),
        InputError,
    )
    before, after = (read_manifest(place.manifest("health")) for place in (one, other))
    problems = [
        f"{name}.zarr differs between {one.scenario} and {other.scenario}: run both again on the same spine"
        for name in SHARED
        if before.inputs.get(name) != after.inputs.get(name)
    ]
    health = (before.settings.get("health", {}), after.settings.get("health", {}))
    changed = sorted(k for k in health[0].keys() | health[1].keys() if health[0].get(k) != health[1].get(k))
    if changed:
        problems.append(
            f"`health.{'`, `health.'.join(changed)}` differ between {one.scenario} and {other.scenario}: draws and "
            "reaches would not belong together; give both the same"
        )
    raise_all(problems, InputError)


def _measures(one: Layout, other: Layout, people: FloatArray) -> Iterator[Measure]:
    air = [open_store(place.store("carbon"), "carbon") for place in (one, other)]
    name = "annual_concentration_ug_m3"
    name = name if all(name in store for store in air) else "concentration_ug_m3"
    for k, pollutant in enumerate(air[0]["air_pollutant"].to_numpy()):
        yield _measure(f"{pollutant} concentration", "ug m-3", "lower", air, _column(name, k))
    health = [open_store(place.store("health"), "health") for place in (one, other)]
    a_head = np.divide(PER, people, out=np.full(people.size, np.nan), where=people > 0)
    deaths = "burden" if all("burden" in store for store in health) else "burden_quantile"
    for k, cause in enumerate(health[0]["cause"].to_numpy()):
        unit = f"deaths per {PER:,.0f} a year"
        yield _measure(f"{cause}", unit, "lower", health, _column(deaths, k, a_head))
    for k, kind in enumerate(health[0]["service"].to_numpy()):
        nearest = f"time to the nearest {kind}"
        yield _measure(nearest, "min", "lower", health, _over_periods("nearest_service_min", k))
        reach = f"access to {kind}"
        yield _measure(reach, "per 1,000 people", "higher", health, _over_periods("access", k))
    yield _measure("time to work", "min", "lower", health, lambda s: s["commute_min"].to_numpy().mean(axis=0))
    yield _measure(
        "road CO2 emitted nearby", "kg a day and resident", "lower", health, lambda s: s["road_co2_kg_day_person"]
    )


def _measure(
    name: str, units: str, better: Better, stores: list[xr.Dataset], read: Callable[[xr.Dataset], Any]
) -> Measure:
    base, scenario = (np.asarray(read(store), dtype=np.float64) for store in stores)
    return Measure(name, units, better, base, scenario)


def _column(name: str, k: int, factor: FloatArray | float = 1.0) -> Callable[[xr.Dataset], Any]:
    return lambda store: store[name].to_numpy()[..., k] * factor


def _over_periods(name: str, k: int) -> Callable[[xr.Dataset], Any]:
    """Mean over the parts of the day; an area that lacks one has none."""
    return lambda store: store[name].to_numpy()[..., k].mean(axis=0)
