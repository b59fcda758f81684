"""Tables of a scenario beside its base: the day's figures, minutes to an emergency department, bus journeys."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.health.gradient import decile_means
from lcr_hpc.publish.columns import Column
from lcr_hpc.publish.day import hours_in_periods
from lcr_hpc.publish.inputs import Inputs
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.slabs import open_store

Floats = NDArray[np.float64]
C = Column

SCENARIO_USE = {
    "areas": ("deprivation_rank", "population"),
    "traffic": (
        "hour_period", "period", "change", "state_vehicle_km_h", "state_vehicle_hours_h", "state_delay_hours_h",
        "state_charge_gbp_h", "state_car_persons_h", "state_bus_persons_h", "responder", "emergency_department_min",
        "bus_journey_min", "bus_per_hour", "bus_corridor",
    ),
}  # fmt: skip
SCENARIO = (
    C("section", "str", "", "What is compared"),
    C("measure", "str", "", "What the numbers are; of `what changes`, a measure of the scenario in words"),
    C("units", "str", "", "Unit of base, scenario and change"),
    C("base", "float64", "1", "In the base; empty = none"),
    C("scenario", "float64", "1", "In the scenario; empty = none"),
    C("change", "float64", "1", "Scenario less base"),
)
AREAS_USE = {
    "areas": ("area", "area_name", "population", "deprivation_rank"),
    "traffic": ("period", "responder", "emergency_department_min"),
}
AREAS = (
    C("area", "str", "", "ONS code of the small area"),
    C("area_name", "str", "", "Published name"),
    C("period", "str", "", "Part of the day"),
    C("vehicle", "str", "", "car, or emergency: vehicles with speeds of their own"),
    C("base_min", "float64", "min", "Minutes to the nearest emergency department in the base; empty = no path"),
    C("scenario_min", "float64", "min", "In the scenario"),
)
BUSES_USE = {"traffic": ("period", "bus_pattern", "bus_journey_min", "bus_per_hour", "bus_corridor")}
BUSES = (
    C("route", "str", "", "Bus route and direction"),
    C("period", "str", "", "Part of the day"),
    C("buses_per_hour", "float64", "1/h", "Buses that leave the first stop"),
    C("on_corridor", "int64", "1", "1 = drives on links of a bus priority measure"),
    C("timetable_min", "float64", "min", "Timetable from the first stop to the last, taken as the time in the base"),
    C("scenario_min", "float64", "min", "With the change of the roads' delay; empty = a link of the route is closed"),
)


def has_changes(layout: Layout) -> bool:
    """Whether the night's scenario has `traffic.changes`: its store tells of base and scenario."""
    return layout.manifest("traffic").is_file() and "state" in open_store(layout.store("traffic"), "traffic")


def scenario(inputs: Inputs) -> pd.DataFrame:
    """What changes, in words; then the day's figures in base and scenario."""
    traffic, areas = inputs["traffic"], inputs["areas"]
    hours = hours_in_periods(inputs.night, traffic["hour_period"].to_numpy(), traffic.sizes["period"])
    rows = [("what changes", str(said), "", np.nan, np.nan) for said in traffic["change"].to_numpy()]
    rows += list(_day(traffic, hours))
    rows += list(_emergency(traffic, areas, hours))
    rows += list(_buses(traffic, hours))
    table = pd.DataFrame(rows, columns=[c.name for c in SCENARIO[:-1]])
    return table.assign(change=table["scenario"] - table["base"])


def scenario_areas(inputs: Inputs) -> pd.DataFrame:
    """Minutes from each small area to the nearest emergency department, by period and kind of vehicle."""
    traffic, areas = inputs["traffic"], inputs["areas"]
    minutes = traffic["emergency_department_min"].to_numpy()
    _, periods, responders, n = minutes.shape
    return pd.DataFrame(
        {
            "area": np.tile(areas["area"].to_numpy(), periods * responders),
            "area_name": np.tile(areas["area_name"].to_numpy(), periods * responders),
            "period": np.repeat(traffic["period"].to_numpy(), responders * n),
            "vehicle": np.tile(np.repeat(traffic["responder"].to_numpy(), n), periods),
            "base_min": minutes[0].ravel(),
            "scenario_min": minutes[1].ravel(),
        }
    )


def scenario_buses(inputs: Inputs) -> pd.DataFrame:
    """Minutes of each bus pattern in the periods in which it runs."""
    traffic = inputs["traffic"]
    before, after = traffic["bus_journey_min"].to_numpy()
    period, pattern = np.nonzero(np.isfinite(before))
    now = after[period, pattern]
    return pd.DataFrame(
        {
            "route": traffic["bus_pattern"].to_numpy()[pattern],
            "period": traffic["period"].to_numpy()[period],
            "buses_per_hour": traffic["bus_per_hour"].to_numpy()[period, pattern],
            "on_corridor": traffic["bus_corridor"].to_numpy()[pattern].astype(np.int64),
            "timetable_min": before[period, pattern],
            "scenario_min": np.where(np.isfinite(now), now, np.nan),
        }
    )


Row = tuple[str, str, str, float, float]


def _day(traffic: xr.Dataset, hours: Floats) -> Iterator[Row]:
    for name, measure, units in (
        ("state_vehicle_km_h", "vehicle-kilometres", "km/day"),
        ("state_vehicle_hours_h", "vehicle-hours", "h/day"),
        ("state_delay_hours_h", "vehicle-hours of delay", "h/day"),
        ("state_charge_gbp_h", "charges paid", "GBP/day"),
        ("state_car_persons_h", "persons by car", "persons/day"),
        ("state_bus_persons_h", "persons by bus", "persons/day"),
    ):
        of_period = traffic[name].to_numpy()[:, hours > 0.0]
        base, after = (of_period * hours[hours > 0.0]).sum(axis=1)
        silent = name == "state_charge_gbp_h" and after == 0.0
        if np.isfinite(base + after) and not silent:
            yield "roads in the day", measure, units, float(base), float(after)


def _emergency(traffic: xr.Dataset, areas: xr.Dataset, hours: Floats) -> Iterator[Row]:
    """Mean minutes over the day's hours, by tenth of residents along deprivation, most deprived first."""
    people = areas["population"].to_numpy().sum(axis=1).astype(np.float64)
    rank = areas["deprivation_rank"].to_numpy()
    weight = hours / hours.sum()
    for r, responder in enumerate(traffic["responder"].to_numpy()):
        minutes = traffic["emergency_department_min"].to_numpy()[:, :, r]
        mean = np.where(weight[:, None] > 0.0, minutes * weight[:, None], 0.0).sum(axis=1)
        known = np.isfinite(mean).all(axis=0) & (rank > 0) & (people > 0)
        if not known.any():
            continue
        order = np.flatnonzero(known)[np.argsort(rank[known], kind="stable")]
        base, after = (decile_means(m[order], people[order]) for m in mean)
        section = f"minutes to the nearest emergency department, {'emergency vehicles' if r else responder}"
        everyone = [float((m[known] * people[known]).sum() / people[known].sum()) for m in mean]
        yield section, "all residents", "min", everyone[0], everyone[1]
        for d in range(10):
            yield section, f"decile {d + 1} of deprivation, 1 = most deprived", "min", float(base[d]), float(after[d])


def _buses(traffic: xr.Dataset, hours: Floats) -> Iterator[Row]:
    """Bus-weighted means: nobody's ridership is among the stores."""
    minutes, buses = traffic["bus_journey_min"].to_numpy(), traffic["bus_per_hour"].to_numpy()
    weight = buses * hours[:, None]
    on = traffic["bus_corridor"].to_numpy() == 1
    for name, which in (("on the corridors", on), ("on other roads", ~on)):
        weighed = np.where(which, weight, 0.0)
        runs = (weighed > 0.0) & np.isfinite(minutes).all(axis=0)
        total = weighed[runs].sum()
        if total > 0.0:
            mean = [float((m[runs] * weighed[runs]).sum() / total) for m in minutes]
            yield "bus journeys", f"mean of a bus {name}", "min", mean[0], mean[1]
        lost = float(weighed[(weighed > 0.0) & np.isinf(minutes[1])].sum())
        if lost > 0.0:
            yield "bus journeys", f"buses {name} whose road is closed", "1/day", 0.0, lost
