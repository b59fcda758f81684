"""Headline figures of a night, from its tables alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

INDICES = (
    *(f"{index}{limit}" for index in ("sii", "rii", "concentration_index") for limit in ("", "_lower", "_upper")),
    "sii_draws_lower",
    "sii_draws_upper",
)


def summarise(tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Headline figures.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        By name, as `lcr_hpc.publish.products.TABLES` declares them.

    Returns
    -------
    dict
        Plain JSON values with units in the names; None = no value.
    """
    areas, districts, periods = tables["areas"], tables["districts"], tables["traffic_periods"]
    roads = tables["links"][tables["links"]["road_class"] != "connector"]
    demand, lost = (float((periods[c] * periods["hours_h"]).sum()) for c in ("demand_veh_h", "unreachable_veh_h"))
    busiest = int(periods["vehicle_km_h"].where(periods["hours_h"] > 0.0).to_numpy(np.float64, na_value=-1.0).argmax())
    deaths = "attributable_deaths_per_year"
    return {
        "areas": len(areas),
        "msoas": len(tables["msoas"]),
        "districts": len(districts) - 1,
        "residents_persons": int(areas["population_persons"].sum()),
        "links": len(roads),
        "traffic": {
            "vehicle_km_day": number(districts["vehicle_km_day"].sum()),
            "trips_veh_day": number(demand),
            "unreachable_share": number(lost / demand) if demand > 0 else None,
            "worst_relative_gap": number(periods["relative_gap"].max()),
            "busiest_period": str(periods["period"].iloc[busiest]),
            "busiest_vehicle_km_h": number(periods["vehicle_km_h"].iloc[busiest]),
            "vehicle_km_share_below_half_free_flow": number(_slow_share(roads)),
        },
        "emissions_t_day": {p: number(districts[f"{p}_t_day"].sum()) for p in ("co2", "nox", "pm2_5")},
        "air_ug_m3": {p: _air(areas, p) for p in ("nox", "pm2_5")},
        "attributable_deaths_per_year": {
            "central": number(areas[deaths].sum(min_count=1)),
            "lower": number(areas[f"{deaths}_lower"].sum(min_count=1)),
            "upper": number(areas[f"{deaths}_upper"].sum(min_count=1)),
        },
        "burden": {
            f"{row['quantity']}, {row['cause']}": {
                "units": str(row["units"]),
                **{k: number(row[k]) for k in ("lower", "median", "upper")},
                "evidence": str(row["evidence"]),
            }
            for _, row in tables["burden"].iterrows()
        },
        "inequality": {
            _name(row, tables["inequality"]): {
                "units": str(row["units"]),
                "ranked_by": str(row["ranked_by"]),
                **{k: number(row[k]) for k in INDICES},
            }
            for _, row in tables["inequality"].iterrows()
        },
    }


def _name(row: pd.Series, table: pd.DataFrame) -> str:
    """Name of an attribute; with its ranking's where that is not the first."""
    by = str(row["ranked_by"])
    return str(row["attribute"]) + ("" if by == table["ranked_by"].iloc[0] else f", by {by}")


def number(value: Any) -> float | None:
    """Float for JSON, which has no NaN."""
    return float(value) if np.isfinite(value) else None


def _air(areas: pd.DataFrame, pollutant: str) -> dict[str, float | None]:
    """Means over residents: what people breathe, not what the average area has."""
    people = areas["population_persons"].to_numpy(np.float64)
    found = {}
    for part, column in (("mean", pollutant), ("road", f"{pollutant}_road"), ("background", f"{pollutant}_background")):
        values = areas[f"{column}_ug_m3"].to_numpy()
        weight = np.where(np.isfinite(values), people, 0.0)
        total = (np.nan_to_num(values) * weight).sum()
        found[part] = number(total / weight.sum()) if weight.sum() > 0 else None
    return found


def _slow_share(roads: pd.DataFrame) -> float:
    """Share of the day's vehicle-kilometres on links that fall below half of free-flow speed in some period."""
    vehicle_km = roads["flow_veh_day"] * roads["length_m"]
    total = vehicle_km.sum()
    return float(vehicle_km[roads["lowest_speed_ratio"] < 0.5].sum() / total) if total > 0 else float("nan")
