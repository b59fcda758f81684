"""Curves of a fleet by Euro class: only for a fleet that a user or the twin gives, and illustrative."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lcr_hpc.carbon.curves import POLLUTANTS, SPEEDS_KM_H, EmissionCurves
from lcr_hpc.carbon.emission_factor import hot_emission_factor
from lcr_hpc.carbon.tables import Table, coefficient_table, columns
from lcr_hpc.carbon.wear import wear_pm25_g_km
from lcr_hpc.errors import InputError, raise_all

_TECHNOLOGY = ("category", "fuel", "segment", "euro", "technology")
_WEAR = {"PC": ("car", 2.0), "LCV": ("lgv", 2.0), "BUS": ("heavy", 2.0)}


def fleet_emission_curves(fleet_table: Table, coefficients: Table | None = None) -> EmissionCurves:
    """Collapse a fleet into curves by class: the shares' weighted mean of single technologies.

    Parameters
    ----------
    fleet_table : DataFrame or mapping of columns
        A row a technology: class (a name of your choice), category (PC, LCV, TRUCKS, BUS), fuel (G, D), segment, euro,
        technology, share (of the class's vehicle-kilometres; must sum to 1 within the class), axles (TRUCKS alone).
        `euro` VI means VI A/B/C.
    coefficients : DataFrame or mapping of columns, optional
        Rows in the form of eea2019_hot_ef_all; by default hot_emission_eea2019.csv, an illustrative selection.

    Returns
    -------
    EmissionCurves
        CO2 (energy x CO2 by MJ), NOx, PM2.5 (exhaust PM, all counted as PM2.5, and wear at half load), illustrative.

    Raises
    ------
    InputError
        Naming every technology without coefficients, and every class whose shares do not sum to 1.
    """
    fleet = _text_columns(fleet_table, ("class", *_TECHNOLOGY), "fleet_table")
    fleet["share"] = columns(fleet_table, ["share"], "fleet_table")[:, 0]
    fleet["axles"] = columns(fleet_table, ["axles"], "fleet_table")[:, 0] if "axles" in fleet_table else 2.0
    raw = coefficient_table("hot_emission_eea2019") if coefficients is None else pd.DataFrame(coefficients)
    table = raw.assign(**_text_columns(raw, _TECHNOLOGY, "coefficients"))
    rows = {tuple(key): group.set_index("pollutant") for key, group in table.groupby(list(_TECHNOLOGY), sort=False)}
    carbon = coefficient_table("fuel_co2_desnz2023").set_index("fuel_code")["co2_g_per_mj"].to_dict()
    technologies = [tuple(row) for row in fleet[list(_TECHNOLOGY)].itertuples(index=False)]
    raise_all([*_unknown(technologies, rows, carbon), *_wrong_shares(fleet)], InputError)

    classes = tuple(dict.fromkeys(fleet["class"]))
    factor = np.zeros((len(classes), len(POLLUTANTS), len(SPEEDS_KM_H)))
    low, high = 1.0, 140.0
    for technology, row in zip(technologies, fleet.to_dict("records"), strict=True):
        mine = rows[technology].loc[["EC", "NOx", "PM"]]
        energy, nox, exhaust = hot_emission_factor(mine, SPEEDS_KM_H)
        wear_class, axles = _WEAR.get(row["category"], ("heavy", row["axles"]))
        pm25 = exhaust + wear_pm25_g_km(wear_class, axles, SPEEDS_KM_H)
        factor[classes.index(row["class"])] += row["share"] * np.stack([energy * carbon[row["fuel"]], nox, pm25])
        low, high = max(low, float(mine["v_min_kmh"].max())), min(high, float(mine["v_max_kmh"].min()))
    return EmissionCurves(classes, POLLUTANTS, factor, (low, high), illustrative=True)


def _text_columns(table: Table, names: tuple[str, ...], what: str) -> pd.DataFrame:
    missing = [n for n in names if n not in table]
    if missing:
        raise InputError(
            f"{what}: no column {', '.join(missing)}; it has {', '.join(map(str, table))}", field=missing[0]
        )
    text = pd.DataFrame({n: pd.Series(np.asarray(table[n], dtype=object)) for n in names})
    return text.where(text.notna(), "").astype(str).replace({"euro": {"VI": "VI A/B/C"}})


def _unknown(technologies: list[tuple[Any, ...]], rows: dict[Any, pd.DataFrame], carbon: dict[Any, float]) -> list[str]:
    problems = []
    for technology in technologies:
        name = " ".join(t for t in technology if t)
        if technology not in rows:
            close = [" ".join(t for t in r if t) for r in rows if r[:3] == technology[:3]]
            problems.append(
                f"fleet_table: no coefficients for {name}; there are {', '.join(close) or 'none of that segment'}"
            )
            continue
        if lacking := {"EC", "NOx", "PM"} - set(rows[technology].index):
            problems.append(f"coefficients: {name} has no {', '.join(sorted(lacking))}")
        elif rows[technology].index.duplicated().any():
            problems.append(f"coefficients: {name} has two rows for a pollutant; keep one slope and one load")
        if technology[1] not in carbon:
            problems.append(f"fleet_table: no CO2 by MJ for fuel {technology[1]}; there are {', '.join(carbon)}")
    return problems


def _wrong_shares(fleet: pd.DataFrame) -> list[str]:
    sums = fleet.groupby("class", sort=False)["share"].sum()
    wrong = [
        f"fleet_table: shares of {name} sum to {total:.6f}, wanted 1"
        for name, total in sums.items()
        if not abs(total - 1) <= 1e-9
    ]
    if (fleet["share"] < 0).any():
        wrong.append("fleet_table: found a share below 0")
    return wrong
