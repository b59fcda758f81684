"""The sections of the comparison: plain arrays in, rows out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LARGEST_RESIDUALS = 5
ROAD_SECTORS = (
    "co2: Road Transport (A roads)",
    "co2: Road Transport (Motorways)",
    "co2: Road Transport (Minor roads)",
    "co2: Road Transport Other",
)
BASELINE_YEAR = 2010
"""The last year for which CO2 of all six districts by sector is at hand"""


class Row(NamedTuple):
    """One line of the table; see `comparison.COLUMNS`."""

    section: str
    place: str
    measure: str
    units: str
    modelled: float
    modelled_year: str
    published: float = np.nan
    published_year: str = ""
    why: str = ""
    lower: float = np.nan
    upper: float = np.nan
    scaled: bool = False


class Districts(NamedTuple):
    """What the night's roads did, by district."""

    code: Sequence[str]
    name: Sequence[str]
    vehicle_km_year: Floats
    motorway_share: Floats
    """Of the vehicle-km"""
    co2_kt_year: Floats
    gates: NDArray[np.int64]
    """Ways to the outside that lie nearest to it; none where nothing comes from outside"""


def published(figures: pd.Series, figure: str, year: int, places: Sequence[str]) -> tuple[Floats, int]:
    """A figure of some places in the year nearest to the one asked for; NaN where a place has none.

    Parameters
    ----------
    figures : Series
        From `comparison.figure_table`.
    figure : str
        Its name.
    year : int
        Year wanted; of two that are as near, the earlier.
    places : sequence of str
        ONS codes.

    Returns
    -------
    float64[place], int
        Values, and the year that they are of.
    """
    if figure not in figures.index.get_level_values(0):
        return np.full(len(places), np.nan), year
    of_figure = figures.loc[figure]
    years = np.unique(of_figure.index.get_level_values(0))
    nearest = int(years[np.argmin(np.abs(years - year))])
    return of_figure.loc[nearest].reindex(list(places)).to_numpy(np.float64), nearest


def traffic_rows(districts: Districts, figures: pd.Series, year: int, factor: float | None) -> list[Row]:
    """Vehicle-km of all districts and of each, million a year; `factor` is what all demand was multiplied with."""
    theirs, of = published(figures, "road_traffic", year, districts.code)
    if not np.isfinite(theirs).any():
        return []
    ours, theirs = districts.vehicle_km_year / 1e6, theirs / 1e6
    section, units = "Road traffic", "million km/year"
    whole = (
        "demand was not scaled to it"
        if factor is None
        else f"one factor, {factor:.3f}, on all demand, found by a rough loading before the assignment"
    )
    each = "trips and local roads are generated; the district’s own figure was not used"
    gates = int(districts.gates.sum())
    rows = [
        Row(section, "All districts", "vehicle-km", units, float(ours.sum()), str(year), float(theirs.sum()), str(of),
            whole, scaled=factor is not None)
    ]  # fmt: skip
    for k, name in enumerate(districts.name):
        why = f"{each}; {100 * districts.motorway_share[k]:.0f} % of ours is on motorways"
        if gates:
            why += f"; {districts.gates[k]} of the {gates} ways to the outside, whose traffic is generated, lie at it"
        rows.append(Row(section, name, "vehicle-km", units, float(ours[k]), str(year), float(theirs[k]), str(of), why))
    return rows


def co2_rows(districts: Districts, figures: pd.Series, year: int) -> list[Row]:
    """CO2 of road traffic, kt a year, against the baseline; what is due to traffic and what to CO2 by km is told."""
    parts = [published(figures, sector, BASELINE_YEAR, districts.code) for sector in ROAD_SECTORS]
    theirs, of = np.sum([p[0] for p in parts], axis=0), parts[0][1]
    if not np.isfinite(theirs).any():
        return []
    then, then_year = published(figures, "road_traffic", of, districts.code)
    rows = []
    for k, name in [(-1, "All districts"), *enumerate(districts.name)]:
        pick = slice(None) if k < 0 else slice(k, k + 1)
        co2, baseline, km, before = (
            float(v[pick].sum()) for v in (districts.co2_kt_year, theirs, districts.vehicle_km_year, then)
        )
        why = ""
        if before > 0 and km > 0:
            change = f"{100 * (km / before - 1):+.0f}".replace("-", "−")
            why = (
                f"{change} % vehicle-km, ours of {year} over DfT’s of {then_year}; {co2 * 1e9 / km:.0f} g/km against "
                f"{baseline * 1e9 / before:.0f} in {of} (published CO2 over published km)"
            )
        rows.append(Row("CO2 of road traffic", name, "CO2", "kt/year", co2, str(year), baseline, str(of), why))
    return rows


def electricity_rows(
    codes: Sequence[str], names: Sequence[str], kwh_year: Floats, figures: pd.Series, year: int
) -> list[Row]:
    """Electricity of homes by MSOA: the total, the correlation, a published year's change, the largest residuals."""
    theirs, of = published(figures, "domestic_electricity", year, codes)
    both = np.isfinite(kwh_year) & (theirs > 0)
    if both.sum() < 3:
        return []
    ours, theirs, named = kwh_year[both] / 1e6, theirs[both] / 1e6, np.asarray(names, dtype=object)[both]
    section, units, place = "Electricity of homes", "GWh/year", f"{both.sum()} MSOAs"
    then, then_year = published(figures, "domestic_electricity", of - 1, codes)
    why = "half-hours are generated from residents; the day as if it were every day: its season is not the year’s"
    if then_year != of:
        change = 100 * (float(theirs.sum()) * 1e6 / float(np.nansum(then[both])) - 1)
        why += f"; the published total itself changed by {change:+.1f} % from {then_year}".replace("-", "−")
    rows = [
        Row(section, place, "electricity", units, float(ours.sum()), str(year), float(theirs.sum()), str(of), why),
        Row(section, place, "correlation over MSOAs", "1", float(np.corrcoef(ours, theirs)[0, 1]), str(year),
            published_year=str(of), why="1 = the same pattern; the generator knows residents, not homes or heating"),
    ]  # fmt: skip
    residual = "use by resident differs from place to place; the generator has one for all, and noise"
    for k in np.argsort(-np.abs(ours / theirs - 1.0), kind="stable")[:LARGEST_RESIDUALS]:
        rows.append(
            Row(section, str(named[k]), "one of the largest residuals", units, float(ours[k]), str(year),
                float(theirs[k]), str(of), residual)
        )  # fmt: skip
    return rows


def health_rows(health: xr.Dataset, year: int) -> list[Row]:
    """Slope index of life expectancy with its limits; by decile the air’s burden, and times to services if known."""
    health = health.isel(attribute=health["ranked_by"].to_numpy() == "deprivation_rank")
    names, units = ([str(a) for a in health[v].to_numpy()] for v in ("attribute", "attribute_units"))
    sii, lower, upper = (health[v].to_numpy() for v in ("sii", "sii_lower", "sii_upper"))
    means, decile = health["decile_mean"].to_numpy(), health["decile"].to_numpy()
    rows = [
        Row("Life expectancy along deprivation", "All MSOAs", "slope index of inequality", units[k], float(sii[k]),
            "2009–13", why="of the published life expectancy by IMD 2019; no published slope index of the region is at "
            "hand", lower=float(lower[k]), upper=float(upper[k]))
        for k, name in enumerate(names) if "life expectancy" in name.lower()
    ]  # fmt: skip
    by_decile = (
        ("Burden of the air by deprivation", "attributable", "deaths and the background of the air are generated"),
        (
            "Access to services by deprivation",
            "time to the nearest",
            "services, streets and travel times are generated",
        ),
    )
    rows += [
        Row(section, f"Decile {d}", name, units[k], float(means[k, i]), str(year),
            why=f"no published counterpart at hand; {generated}")
        for section, word, generated in by_decile
        for k, name in enumerate(names) if word in name.lower()
        for i, d in enumerate(decile)
    ]  # fmt: skip
    return rows


def access_rows(ours_km: Floats, theirs_km: Floats, rank: NDArray[np.integer], people: Floats, year: int) -> list[Row]:
    """Road distance to the nearest surgery by deprivation decile, against the published indicator of that name."""
    tenth = deciles(rank, people)
    rows = []
    for d in range(1, 11):
        inside = (tenth == d) & np.isfinite(ours_km) & np.isfinite(theirs_km) & (people > 0)
        if inside.any():
            ours, theirs = (float(np.average(v[inside], weights=people[inside])) for v in (ours_km, theirs_km))
            rows.append(
                Row("Access to surgeries by deprivation", f"Decile {d}", "road distance to the nearest", "km", ours,
                    str(year), theirs, "IMD 2019", "surgeries and streets are generated, and placed by residents alone")
            )  # fmt: skip
    return rows


def deciles(rank: NDArray[np.integer], people: Floats) -> NDArray[np.int64]:
    """Tenth of the people that each area falls into by its middle resident, 1 = most deprived."""
    order = np.argsort(rank, kind="stable")
    middle = np.cumsum(people[order]) - people[order] / 2
    tenth = np.empty(len(rank), dtype=np.int64)
    tenth[order] = np.minimum((10 * middle / max(people.sum(), 1.0)).astype(np.int64), 9) + 1
    return tenth
