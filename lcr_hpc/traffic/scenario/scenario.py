"""A scenario of the night: the base that it begins from, and what each of its periods assigns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.config import Config, ModeShift
from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.store.base import PLACES, read_base
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import read_manifest
from lcr_hpc.store.slabs import open_store
from lcr_hpc.traffic.inputs import INPUTS, TrafficInputs
from lcr_hpc.traffic.network import Demand, Floats
from lcr_hpc.traffic.period_case import PeriodCase, class_names, divide, prohibited_links
from lcr_hpc.traffic.scenario.choice import Choice, choose
from lcr_hpc.traffic.scenario.cut_off import cut_off
from lcr_hpc.traffic.scenario.measures import Supply, resolve, said_of, supply
from lcr_hpc.traffic.scenario.select import Places
from lcr_hpc.traffic.scenario.solution import Solution
from lcr_hpc.traffic.settings import TrafficSettings

NEEDED = {
    "services": ("emergency_department", "capacity", "service_x", "service_y"),
    "bus": ("route_name", "direction", "headway_min", "running_time_min", "link_offset", "pattern_link"),
}
"""Variables without which the store is not this version's."""


@dataclass(frozen=True)
class ScenarioPeriod:
    """One period of a scenario: what is assigned, and what made it so."""

    case: PeriodCase
    supply: Supply
    choice: Choice | None


class Scenario:
    """The measures of a config on the night's network, and the base's solution.

    Parameters
    ----------
    config, layout : Config, Layout
        With `traffic.changes`.
    inputs : TrafficInputs
    settings : TrafficSettings

    Raises
    ------
    InputError, StoreError
        What does not fit the base or the night, and zones that a closure cuts off, everything at once.
    """

    def __init__(self, config: Config, layout: Layout, inputs: TrafficInputs, settings: TrafficSettings) -> None:
        self.config, self.layout, self.inputs, self.settings = config, layout, inputs, settings
        self.base = read_base(config, layout)
        self.places_from = [read_manifest(layout.manifest(name)) for name in PLACES]
        raise_all(
            (
                f"the base was made from another {name} than the night's; run the base again, then the scenario"
                for name in INPUTS
                if self.base.inputs.get(name) != read_manifest(layout.manifest(name)).fingerprint
            ),
            InputError,
        )
        self.solution = Solution(layout.base, self.base)
        opened = {name: open_store(layout.store(name), name, NEEDED.get(name)) for name in PLACES}
        self.places = Places(inputs.roads, opened["bus"], opened["areas"])
        self.services = opened["services"]
        self.changes = resolve(config, inputs.network, self.places)
        self.prohibited = prohibited_links(config.traffic, inputs.roads["road_class"].to_numpy())
        raise_all(self._cut_off(), InputError)

    @property
    def lanes(self) -> NDArray[np.integer]:
        """Lanes of each link."""
        return self.inputs.roads["lanes"].to_numpy()

    @property
    def said(self) -> list[str]:
        """What is changed, a sentence a measure."""
        return [said_of(c, self.inputs.network, self.lanes) for c in self.changes]

    @cached_property
    def base_traffic(self) -> xr.Dataset:
        """Store traffic of the base, lazy."""
        return open_store(self.layout.base.store("traffic"), "traffic")

    def period(self, index: int) -> ScenarioPeriod:
        """What one period assigns."""
        label, demand = self.config.traffic.periods[index].label, self.inputs.demand[index]
        found = self._supply(label)
        choice = self._choice(index, demand)
        factor = None
        if choice is not None:
            choosers = self._mode_shift(label)
            assert choosers is not None
            factor = dict.fromkeys(choosers.classes or class_names(self.config.traffic), choice.factor)
        case = divide(self.config.traffic, found.network, demand, found.closed, found.toll, factor)
        return ScenarioPeriod(case, found, choice)

    def _supply(self, label: str) -> Supply:
        found = supply(self.changes, self.inputs.network, self.lanes, class_names(self.config.traffic), label)
        return replace(found, closed=found.closed | self.prohibited)

    def _mode_shift(self, label: str) -> ModeShift | None:
        of = [c.measure for c in self.changes if isinstance(c.measure, ModeShift) and c.holds_in(label)]
        return of[0] if of else None

    def _choice(self, index: int, demand: Demand) -> Choice | None:
        measure = self._mode_shift(self.config.traffic.periods[index].label)
        if measure is None:
            return None
        shares = {c.name: c.share for c in self.config.traffic.classes} or {"all": 1.0}
        share = sum(s for n, s in shares.items() if measure.classes is None or n in measure.classes)
        return choose(measure, demand, share, self._base_minutes(index))

    def _base_minutes(self, index: int) -> Floats:
        """Skim of the base, of the period itself or else of the first one of its type of day that has one."""
        store, periods = self.base_traffic, self.config.traffic.periods
        labels = [str(n) for n in store["skim_period"].to_numpy()] if "skim_period" in store else []
        if not labels:
            raise InputError(
                "mode_shift needs the base's travel times: give `traffic.skim_hours` in the base and run it again"
            )
        own = periods[index]
        same_day = [p.label for p in periods if p.label in labels and p.day_types[0] == own.day_types[0]]
        label = own.label if own.label in labels else (same_day or labels)[0]
        minutes: Floats = store["skim_time_min"][labels.index(label), 0].to_numpy().astype(np.float64)
        return minutes

    def _cut_off(self) -> list[str]:
        """Zones that trips of some class can no longer leave or reach in some period."""
        seen, found = set(), []
        names = [str(z) for z in self._zone_names()]
        for period in self.config.traffic.periods:
            closed = self._supply(period.label).closed
            for k, name in enumerate(class_names(self.config.traffic)):
                key = (k, closed[k].tobytes())
                if key in seen or not (closed[k] & ~self.prohibited[k]).any():
                    continue
                seen.add(key)
                lost = cut_off(self.inputs.network, self.inputs.demand[0], self.prohibited[k], closed[k], names)
                head = f"the closures of {self.config.scenario} cut off" + ("" if name == "all" else f" for {name}")
                found += [f"{head}: {text}; leave a way open" for text in lost]
        return found

    def _zone_names(self) -> Any:
        roads, network = self.inputs.roads, self.inputs.network
        return roads["zone"].to_numpy() if "zone" in roads else network.node_id[: network.n_zones]
