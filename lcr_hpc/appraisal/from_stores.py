"""What a scenario changes in a year, read from the models' stores: hours on the road, greenhouse gas, life years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.appraisal.compare import scenario_layouts
from lcr_hpc.carbon.annual import period_of_hours, year_until
from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.slabs import open_store

FloatArray = NDArray[np.float64]
T_PER_KT = 1e3
MIN_PER_H = 60.0
SAME_DEMAND = 1e-9
"""Largest difference of a zone's trips, as a share of the largest, that counts as the same demand: rounding."""


@dataclass(frozen=True)
class YearlyChange:
    """Scenario less base, in a year of the night's traffic.

    Attributes
    ----------
    travel_time_h : float
        Vehicle-hours.
    travel_time_rule : str
        How they were found.
    co2e_t : float
        Tonnes: roads in the districts, and the electricity of plug-in cars.
    life_years_lost : float64[draw]
    cause : str
        Whose life years they are.
    other_causes : tuple of str
        Of which none are counted.
    annual_exposure : bool
        Whether both scenarios' exposures are means of a year.
    """

    travel_time_h: float
    travel_time_rule: str
    co2e_t: float
    life_years_lost: FloatArray
    cause: str
    other_causes: tuple[str, ...]
    annual_exposure: bool


def yearly_change(layout: Layout, base: str, scenario: str, cause: str | None = None) -> YearlyChange:
    """Read what a scenario changes in a year against another of the same night.

    Parameters
    ----------
    layout, base, scenario
        As for `compare_scenarios`.
    cause : str, optional
        Cause of the burden, as the health store names it; by default its first.

    Returns
    -------
    YearlyChange

    Raises
    ------
    InputError
        As of `compare_scenarios`; another set of links or periods, a link without a time that carries traffic in the
        other scenario, a cause that there is none of.
    """
    one, other = scenario_layouts(layout, base, scenario)
    before, after = (open_store(place.store("traffic"), "traffic") for place in (one, other))
    network = open_store(layout.store("network"), "network", ["from_node"])
    hours, rule = travel_time_change(before, after, network, year_until(layout.night))
    air = [open_store(place.store("carbon"), "carbon") for place in (one, other)]
    health = [open_store(place.store("health"), "health") for place in (one, other)]
    causes = [str(c) for c in health[0]["cause"].to_numpy()]
    if cause is not None and cause not in causes:
        raise InputError(f"appraisal.cause: no `{cause}` in health.zarr; there are: {', '.join(causes)}", field="cause")
    k = 0 if cause is None else causes.index(cause)
    lost = [store["years_lost_total"].to_numpy()[:, k].astype(np.float64) for store in health]
    return YearlyChange(
        travel_time_h=hours,
        travel_time_rule=rule,
        co2e_t=_greenhouse_gas_t(air[1]) - _greenhouse_gas_t(air[0]),
        life_years_lost=lost[1] - lost[0],
        cause=causes[k],
        other_causes=tuple(c for c in causes if c != causes[k]),
        annual_exposure=all("annual_concentration_ug_m3" in store for store in air),
    )


def travel_time_change(
    base: xr.Dataset, scenario: xr.Dataset, network: xr.Dataset, hours: NDArray[np.int64]
) -> tuple[float, str]:
    """Vehicle-hours that drivers spend more in the scenario over some hours, and the rule that says so.

    With the same trips from every zone it is the difference of the vehicle-hours driven: the rule of a half then says
    the same. Else half of the change of time counts for trips that come or go: -1/2 Σ (f0 + f1)(t0 - t1) over links.

    Parameters
    ----------
    base, scenario : xarray.Dataset
        Traffic stores.
    network : xarray.Dataset
        from_node, and the attribute n_zones: links that leave a zone's node carry its trips.
    hours : ndarray
        int64[hour], hours since 1970, each counted with the traffic of its period.

    Returns
    -------
    (float, str)

    Raises
    ------
    InputError
        Other links or periods; traffic on a link without a time; trips that come or go where links are closed.
    """
    _check_roads(base, scenario)
    weight = np.bincount(period_of_hours(base["hour_period"], hours), minlength=base.sizes["period"])
    zone_of = network["from_node"].to_numpy()
    leaves = zone_of < int(network.attrs["n_zones"])
    difference = by_half = 0.0
    same, shut = True, 0
    for period in np.flatnonzero(weight):
        flow0, flow1 = (
            s["link_flow_veh_h"][period].to_numpy().astype(np.float64).sum(axis=0) for s in (base, scenario)
        )
        time0, time1 = (s["link_time_min"][period].to_numpy() for s in (base, scenario))
        for flow, time in ((flow0, time0), (flow1, time1)):
            if lost := int(((flow > 0.0) & ~np.isfinite(time)).sum()):
                raise InputError(
                    f"traffic.zarr, {base['period'].to_numpy()[period]}: {lost} links carry traffic and have no time, "
                    "so that no change of time can be said; run traffic again"
                )
        driven = (flow0 > 0.0) | (flow1 > 0.0)
        f0, f1, t0, t1 = (v[driven] for v in (flow0, flow1, time0, time1))
        # A link that is closed in one of them has an infinite time there, and carries nothing.
        both = np.isfinite(t0) & np.isfinite(t1)
        shut += int((~both).sum())
        spent0, spent1 = (f * np.where(f > 0.0, t, 0.0) for f, t in ((f0, t0), (f1, t1)))
        difference += weight[period] * float((spent1 - spent0).sum())
        by_half -= weight[period] * 0.5 * float(((f0 + f1)[both] * (t0[both] - t1[both])).sum())
        trips = [np.bincount(zone_of[leaves], f[leaves]) for f in (flow0, flow1)]
        same &= bool(np.abs(trips[1] - trips[0]).max(initial=0.0) <= SAME_DEMAND * trips[0].max(initial=0.0))
    if same:
        return difference / MIN_PER_H, "vehicle-hours driven, the trips being the same"
    if shut:
        raise InputError(
            f"traffic.zarr: {shut} links carry traffic in one scenario and are closed in the other, and trips come or "
            "go: the rule of a half by link needs a time in both; run closure and change of demand as two scenarios"
        )
    return by_half / MIN_PER_H, "rule of a half by link, since trips come or go"


def _check_roads(base: xr.Dataset, scenario: xr.Dataset) -> None:
    problems = [
        f"traffic.zarr: {base.sizes[d]} {d}s in the base, {scenario.sizes[d]} in the scenario: hours cannot be compared"
        for d in ("link", "period")
        if base.sizes[d] != scenario.sizes[d]
    ]
    if not problems and not np.array_equal(base["hour_period"].to_numpy(), scenario["hour_period"].to_numpy()):
        problems.append("traffic.zarr: the hours fall into other periods in the scenario; give both the same periods")
    raise_all(problems, InputError)


def _greenhouse_gas_t(carbon: xr.Dataset) -> float:
    road = [str(s) for s in carbon["sector"].to_numpy()].index("road")
    kt = carbon["territory_kt_year"].to_numpy()[:, road].sum() + carbon["plug_in_co2e_kt_year"].to_numpy().sum()
    return float(kt) * T_PER_KT
