"""Tables of the burden: of the region with its evidence, and of each small area by cause."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lcr_hpc.publish.inputs import Inputs, position

BOUNDS = {"central": "", "lower": "_lower", "upper": "_upper"}
LOWER, UPPER = 0, 2
"""Of the store's quantiles."""
BURDEN_USE = {
    "health": ("cause", "cause_evidence", "cause_overlap", "quantile", "burden_total", "years_lost_total"),
}
BURDEN_AREAS_USE = {
    "areas": ("area", "msoa", "area_msoa", "district", "area_district"),
    "health": ("cause", "cause_evidence", "bound", "baseline_deaths", "attributable_fraction", "attributable_deaths",
               "years_lost", "burden_quantile"),
}  # fmt: skip


def burden(inputs: Inputs) -> pd.DataFrame:
    """Attributable deaths and years of life lost of the whole region, with the evidence that they rest on."""
    health = inputs["health"]
    names = ("lower", "median", "upper")
    rows = []
    for quantity, units, total in (
        ("attributable deaths", "persons/year", "burden_total"),
        ("years of life lost", "years/year", "years_lost_total"),
    ):
        limits = np.quantile(health[total].to_numpy(), health["quantile"].to_numpy(), axis=0)
        for k, cause in enumerate(health["cause"].to_numpy()):
            said = {
                "evidence": health["cause_evidence"].to_numpy()[k],
                "overlap": health["cause_overlap"].to_numpy()[k],
            }
            found = dict(zip(names, limits[:, k].tolist(), strict=True))
            rows.append({"cause": cause, "quantity": quantity, "units": units, **found, **said})
    return pd.DataFrame(rows)


def burden_areas(inputs: Inputs) -> pd.DataFrame:
    """Burden of each small area by cause, all areas of one cause and then those of the next."""
    places, health = inputs["areas"], inputs["health"]
    msoa = places["msoa"].to_numpy()[places["area_msoa"].to_numpy()]
    drawn = health["burden_quantile"].to_numpy()
    frames = []
    for k, cause in enumerate(health["cause"].to_numpy()):
        deaths = health["attributable_deaths"].to_numpy()[:, :, k]
        grade, _, _ = str(health["cause_evidence"].to_numpy()[k]).partition(": ")
        frame = {
            "area": places["area"].to_numpy(),
            "msoa": msoa,
            "cause": np.full(msoa.size, cause, dtype=object),
            "baseline_deaths_per_year": health["baseline_deaths"].to_numpy()[:, k],
            "attributable_fraction": health["attributable_fraction"].to_numpy()[
                :, position(health, "bound", "central"), k
            ],
        }
        for bound, ending in BOUNDS.items():
            frame[f"attributable_deaths_per_year{ending}"] = deaths[:, position(health, "bound", bound)]
        frame["attributable_deaths_per_year_draws_lower"] = drawn[LOWER, :, k]
        frame["attributable_deaths_per_year_draws_upper"] = drawn[UPPER, :, k]
        frame["years_lost_per_year"] = health["years_lost"].to_numpy()[:, position(health, "bound", "central"), k]
        frame["evidence"] = np.full(msoa.size, grade, dtype=object)
        frames.append(pd.DataFrame(frame))
    return pd.concat(frames, ignore_index=True)
