"""A scenario in the traffic stage: what it takes over from the base, where it begins, what it leaves beside flows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lcr_hpc.compute.communicator import Communicator
from lcr_hpc.config import Config
from lcr_hpc.store.calendar import day_type
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import Manifest
from lcr_hpc.store.slabs import open_store, write_slab
from lcr_hpc.store.variables import DAY_TYPES
from lcr_hpc.traffic.checkpoint import problem_hash
from lcr_hpc.traffic.inputs import TrafficInputs
from lcr_hpc.traffic.network import Floats
from lcr_hpc.traffic.period_case import PeriodCase
from lcr_hpc.traffic.problem import Problem, arrange_problem
from lcr_hpc.traffic.scenario.effects import Effects
from lcr_hpc.traffic.scenario.scenario import Scenario, ScenarioPeriod
from lcr_hpc.traffic.scenario.unchanged import copy_period
from lcr_hpc.traffic.settings import TrafficSettings
from lcr_hpc.traffic.stage_resume import Solved, from_json
from lcr_hpc.traffic.warm_start import WarmStart


class ScenarioRun:
    """One run of a scenario; periods are asked for in their order.

    Parameters
    ----------
    config, layout, inputs, settings
        Of the stage.
    communicator : Communicator

    Raises
    ------
    InputError, StoreError
        As `Scenario`: before anything on disk changes.
    """

    def __init__(
        self,
        config: Config,
        layout: Layout,
        inputs: TrafficInputs,
        settings: TrafficSettings,
        communicator: Communicator,
    ) -> None:
        self.config, self.settings, self.communicator = config, settings, communicator
        self.scenario = Scenario(config, layout, inputs, settings)
        self.effects = Effects(self.scenario)
        self.base: Manifest = self.scenario.base
        self.made_from: list[Manifest] = self.scenario.places_from
        self._held: tuple[int, ScenarioPeriod, Problem] | None = None

    @property
    def sizes(self) -> dict[str, int]:
        """Sizes of the dimensions that only scenarios have."""
        return self.effects.sizes

    @property
    def labels(self) -> dict[str, Any]:
        """Values of those dimensions."""
        return self.effects.labels

    @property
    def files(self) -> dict[str, str]:
        """What the scenario began from, for the manifest."""
        return {"traffic of the base": self.base.fingerprint}

    def case(self, index: int) -> PeriodCase:
        """What a period assigns."""
        return self._take(index)[0].case

    def begin(self, index: int) -> WarmStart:
        """Where a period begins: the base's bushes of it."""
        return self.scenario.solution.warm_start(index, self._take(index)[1], self.communicator)

    def take_over(self, path: Path, index: int) -> Solved | None:
        """Take a period over from the base, if it assigns exactly what the base assigned; else None."""
        problem = self._take(index)[1]
        said = self.scenario.solution.said(index)
        if said["problem"] != problem_hash(problem, self.settings, int(said["blocks"])):
            return None
        base = self.scenario.base_traffic
        if index % self.communicator.size == self.communicator.rank:
            copy_period(base, path, self.config, index)
            flow, time = (base[n][index].to_numpy() for n in ("link_flow_veh_h", "link_time_min"))
            self.write_effects(path, index, flow, time)
        if self.communicator.rank == 0:
            print(f"{self.config.traffic.periods[index].label}: as in the base", flush=True)
        return from_json(said["solved"])

    def write_effects(self, path: Path, index: int, class_flow: Floats, time: Floats) -> None:
        """Write a period's slab of what is said of base and scenario."""
        values = self.effects.of_period(index, self._take(index)[0], class_flow, time)
        rows = {name: np.expand_dims(v, 1 if name != "bus_per_hour" else 0) for name, v in values.items()}
        write_slab(path, "traffic", {"period": slice(index, index + 1)}, rows)

    def results(self, path: Path) -> dict[str, Any]:
        """A few figures of the day for people: base and scenario."""
        names = ["hour_period", "state_vehicle_km_h", "state_delay_hours_h", "state_charge_gbp_h"]
        store = open_store(path, "traffic", [*names, "iterations"]).load()
        night = store["hour_period"].to_numpy()[DAY_TYPES.index(day_type(self.config.night))]
        base = self.scenario.base_traffic["iterations"].to_numpy()
        day = {name.removeprefix("state_"): store[name].to_numpy()[:, night].sum(axis=1) for name in names[1:]}
        both = {
            f"{name.removesuffix('_h')}_day": {"base": float(v[0]), "scenario": float(v[1])} for name, v in day.items()
        }
        return {
            "scenario": {
                "changes": self.scenario.said,
                **both,
                "periods_as_in_the_base": self._unchanged(path),
                "iterations_of_the_base": int(base.sum()),
            }
        }

    def _unchanged(self, path: Path) -> list[str]:
        """Periods with the base's flows and times, by the stores: those taken over before a crash are among them."""
        names = ("link_flow_veh_h", "link_time_min")
        mine, base = open_store(path, "traffic", [*names]), self.scenario.base_traffic
        return [
            period.label
            for p, period in enumerate(self.config.traffic.periods)
            if all(np.array_equal(mine[n][p].to_numpy(), base[n][p].to_numpy()) for n in names)
        ]

    def _take(self, index: int) -> tuple[ScenarioPeriod, Problem]:
        """One period at a time is held."""
        if self._held is None or self._held[0] != index:
            now = self.scenario.period(index)
            self._held = (index, now, arrange_problem(now.case.network, now.case.classes, self.settings))
        return self._held[1:]
