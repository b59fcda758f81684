"""What a scenario does in one period, beside the base: vehicle-kilometres, delay, charges, ambulances, buses."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from lcr_hpc.config import BASE, BusPriority, EmergencyVehicles
from lcr_hpc.traffic.network import Floats, Network
from lcr_hpc.traffic.scenario.buses import bus_link_minutes, read_buses
from lcr_hpc.traffic.scenario.nearest import minutes_to_nearest
from lcr_hpc.traffic.scenario.scenario import Scenario, ScenarioPeriod
from lcr_hpc.traffic.scenario.select import Bools

CAR, EMERGENCY = "car", "emergency"


class Effects:
    """Reads what the effects of a scenario need once, and tells them period by period.

    Parameters
    ----------
    scenario : Scenario
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        areas = scenario.places.areas
        self.areas = int(areas.sizes["area"])
        self.buses = read_buses(scenario.places.bus)
        self.departments = _departments(scenario.services, areas)
        self.special = [c for c in scenario.changes if isinstance(c.measure, EmergencyVehicles)]

    @property
    def sizes(self) -> dict[str, int]:
        """Sizes of the dimensions that only scenarios have."""
        return {
            "state": 2,
            "change": len(self.scenario.changes),
            "responder": 1 + bool(self.special),
            "area": self.areas,
            "pattern": len(self.buses.name),
        }

    @property
    def labels(self) -> dict[str, Any]:
        """Values of those dimensions, and which bus routes the measures are about."""
        corridor = np.zeros(len(self.buses.name), np.int8)
        for change in self.scenario.changes:
            if isinstance(change.measure, BusPriority):
                pattern = np.repeat(np.arange(corridor.size), np.diff(self.buses.offset))
                corridor[pattern[change.links[self.buses.link]]] = 1
        return {
            "state": [BASE, self.scenario.config.scenario],
            "change": self.scenario.said,
            "responder": [CAR, EMERGENCY][: self.sizes["responder"]],
            "bus_pattern": self.buses.name,
            "bus_corridor": corridor,
        }

    def of_period(self, index: int, period: ScenarioPeriod, class_flow: Floats, time: Floats) -> dict[str, Any]:
        """Values of a period's slab.

        Parameters
        ----------
        index : int
        period : ScenarioPeriod
        class_flow : float64[class, link]
            Vehicles an hour in the scenario.
        time : float64[link]
            Minutes in the scenario; infinity where nobody may go.
        """
        scenario, network = self.scenario, self.scenario.inputs.network
        base = scenario.base_traffic
        before = base["link_flow_veh_h"][index].to_numpy().sum(axis=0)
        time_before = base["link_time_min"][index].to_numpy()
        flows, times = (before, class_flow.sum(axis=0)), (time_before, time)
        hours = [float((np.where(f > 0.0, t, 0.0) * f).sum()) / 60.0 for f, t in zip(flows, times, strict=True)]
        empty = [float((network.free_flow_time * f).sum()) / 60.0 for f in flows]
        persons = period.choice
        nothing = np.full(2, np.nan)
        weight = np.array([c.toll_weight if c.toll_weight is not None else 1.0 for c in period.case.classes])
        label = scenario.config.traffic.periods[index].label
        return {
            "state_vehicle_km_h": [self._kilometres(f) for f in flows],
            "state_vehicle_hours_h": hours,
            "state_delay_hours_h": [h - e for h, e in zip(hours, empty, strict=True)],
            "state_charge_gbp_h": [0.0, float((weight[:, None] * period.supply.toll * class_flow).sum())],
            "state_car_persons_h": nothing if persons is None else persons.car_persons_h,
            "state_bus_persons_h": nothing if persons is None else persons.bus_persons_h,
            "emergency_department_min": self._emergency(label, period, time_before, time),
            "bus_journey_min": self._journeys(index, period, time_before, time),
            "bus_per_hour": self.buses.per_hour(scenario.config.traffic.periods[index]),
        }

    def _kilometres(self, flow: Floats) -> float:
        road = ~self.scenario.places.connector
        return float((flow * self.scenario.inputs.network.length / 1000.0)[road].sum())

    def _emergency(self, label: str, period: ScenarioPeriod, before: Floats, after: Floats) -> Floats:
        """Minutes to the nearest emergency department, float64[state, responder, area]."""
        network = self.scenario.inputs.network
        found = np.full((2, self.sizes["responder"], self.areas), np.nan)
        if not self.departments.size:
            return found
        none = np.zeros(network.n_links, np.bool_)
        states = ((before, network, none), (after, period.case.network, period.supply.bus_lane))
        for s, (time, roads, lane) in enumerate(states):
            found[s, 0] = minutes_to_nearest(network, time, self.departments, self.areas)
            for change in self.special:
                measure = change.measure
                assert isinstance(measure, EmergencyVehicles)
                # The measure is the scenario's; beside it stands what the same vehicles would take in the base.
                if s == 0 or change.holds_in(label):
                    own = emergency_minutes(measure, network, roads, time, lane)
                    found[s, 1] = minutes_to_nearest(network, own, self.departments, self.areas)
                else:
                    found[s, 1] = found[s, 0]
        return found

    def _journeys(self, index: int, period: ScenarioPeriod, before: Floats, after: Floats) -> Floats:
        """Minutes from the first stop to the last, float64[state, pattern]; NaN without a bus."""
        scenario, free = self.scenario, self.scenario.inputs.network.free_flow_time
        label = scenario.config.traffic.periods[index].label
        spared = np.zeros(free.size)
        for change in scenario.changes:
            measure = change.measure
            if isinstance(measure, BusPriority) and measure.treatment == "green_time" and change.holds_in(label):
                spared = np.where(change.links, np.maximum(spared, measure.delay_spared), spared)
        none = np.zeros(free.size, np.bool_)
        then = bus_link_minutes(before, free, none, np.zeros(free.size))
        now = bus_link_minutes(after, period.case.network.free_flow_time, period.supply.bus_lane, spared)
        runs = self.buses.per_hour(scenario.config.traffic.periods[index]) > 0.0
        both = np.stack([self.buses.scheduled_min, self.buses.minutes_after(then, now)])
        return np.where(runs, both, np.nan)


def emergency_minutes(
    measure: EmergencyVehicles, base: Network, network: Network, time: Floats, bus_lane: Bools
) -> Floats:
    """Minutes of an emergency vehicle on each link.

    Parameters
    ----------
    measure : EmergencyVehicles
    base, network : Network
        Free-flow times without and with the scenario's limits: emergency vehicles need not keep those.
    time : float64[link]
        Minutes of the traffic; infinity where nobody may go.
    bus_lane : bool[link]
    """
    with np.errstate(invalid="ignore"):
        delay = np.maximum(time - network.free_flow_time, 0.0)
    own = base.free_flow_time / measure.speed_factor
    share = np.where(bus_lane & measure.use_bus_lanes, 0.0, measure.delay_share)
    shut = np.isinf(time)
    return np.where(shut, own if measure.pass_closures else np.inf, own + share * np.where(shut, 0.0, delay))


def _departments(services: xr.Dataset, areas: xr.Dataset) -> NDArray[np.int64]:
    """Areas that hold an emergency department: the nearest population point to each."""
    open_ = (services["emergency_department"].to_numpy() == 1) & (services["capacity"].to_numpy() > 0.0)
    x, y = (services[f"service_{c}"].to_numpy()[open_] for c in "xy")
    points = np.column_stack([areas[f"area_{c}"].to_numpy() for c in "xy"])
    if not open_.any():
        return np.zeros(0, np.int64)
    _, nearest = cKDTree(points).query(np.column_stack([x, y]))
    return np.unique(nearest).astype(np.int64)
