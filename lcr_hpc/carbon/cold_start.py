"""Cold engines: the share of the distance that is driven with one, and how much more it emits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.carbon.tables import coefficient_table
from lcr_hpc.errors import InputError, raise_all

FloatArray = NDArray[np.float64]


def cold_mileage(trip_km: ArrayLike, temperature_c: ArrayLike, folder: Path | None = None) -> FloatArray:
    """Share of the distance of cars and vans that is driven with a cold engine.

    Parameters
    ----------
    trip_km : array_like
        Mean length of a trip, km, not of single trips; clipped to the 8 to 15 km that the formula is for.
    temperature_c : array_like
        Mean temperature of the air, deg C.
    folder : Path, optional
        Folder of the coefficient tables.

    Returns
    -------
    ndarray
        float64, broadcast over both, from 0 to 1.

    Raises
    ------
    InputError
        Lengths or temperatures that are not numbers, lengths of 0 or less.

    Notes
    -----
    β = 0.6474 - 0.02545 l - (0.00974 - 0.000385 l) t. EMEP/EEA guidebook, 1.A.3.b.i-iv, Tier 3.
    """
    row = coefficient_table("cold_mileage_emep2023", folder).iloc[0]
    trip, air = _numbers("trip_km", trip_km), _numbers("temperature_c", temperature_c)
    if (trip <= 0.0).any():
        raise InputError(f"trip_km: found {trip.min():g}; wanted km, above 0", field="trip_km")
    trip = np.clip(trip, row["trip_low_km"], row["trip_high_km"])
    beta = row["constant"] + row["by_km"] * trip + (row["by_degc"] + row["by_km_degc"] * trip) * air
    return np.asarray(np.clip(beta, 0.0, 1.0), dtype=np.float64)


def cold_excess(
    fuel: str,
    euro: str,
    segment: str,
    pollutant: str,
    speed_km_h: ArrayLike,
    temperature_c: ArrayLike,
    trip_km: float,
    folder: Path | None = None,
) -> tuple[FloatArray, str]:
    """Emission of cold engines beyond the hot one, as a share of the hot emission of the whole distance.

    Parameters
    ----------
    fuel : str
        G (petrol) or D (diesel).
    euro, segment, pollutant : str
        As in cold_ratio_emep2023.csv: Euro I to VI D, Mini to Large-SUV-Executive, EC (energy, and so CO2), NOx or PM.
    speed_km_h, temperature_c : array_like
        Mean speed and air, each clipped to the row's range.
    trip_km : float
        Mean length of a trip.
    folder : Path, optional
        Folder of the coefficient tables.

    Returns
    -------
    (ndarray, str)
        float64, β · βc · (cold/hot - 1), broadcast over speed and temperature; and the Euro class whose hot emission it
        is a share of, "own" for the vehicle's.

    Raises
    ------
    InputError
        A fuel, Euro class, segment or pollutant without published ratio: none is made up.
    """
    table = coefficient_table("cold_ratio_emep2023", folder)
    rows = table[
        (table["fuel"] == fuel)
        & table["euro"].isin([euro, "all"])
        & table["segment"].isin([segment, "all"])
        & (table["pollutant"] == pollutant)
    ]
    if rows.empty:
        there = sorted({f"{r.fuel} {r.euro}" for r in table[table["pollutant"] == pollutant].itertuples()})
        raise InputError(
            f"no ratio of cold to hot {pollutant} for {fuel} {euro} {segment}; there are: {', '.join(there) or 'none'}"
        )
    speed, air = np.broadcast_arrays(_numbers("speed_km_h", speed_km_h), _numbers("temperature_c", temperature_c))
    ratio = np.empty(speed.shape)
    # The first row whose range ends at or above the speed and temperature; beyond all of them the nearest.
    v = np.clip(speed, rows["v_low_kmh"].min(), rows["v_high_kmh"].max())
    t = np.clip(air, rows["t_low_c"].min(), rows["t_high_c"].max())
    left = np.ones(speed.shape, dtype=bool)
    for row in rows.to_dict("records"):
        here = left & (v <= row["v_high_kmh"]) & (t <= row["t_high_c"])
        ratio[here] = row["by_speed"] * v[here] + row["by_degc"] * t[here] + row["constant"]
        left &= ~here
    first = rows.iloc[0]
    share = np.clip(first["beta_constant"] + first["beta_by_km"] * trip_km, 0.0, 1.0)
    return cold_mileage(trip_km, air, folder) * share * (np.maximum(ratio, 1.0) - 1.0), str(first["hot"])


def _numbers(name: str, values: ArrayLike) -> FloatArray:
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as problem:
        raise InputError(f"{name}: found values that are not numbers ({problem})", field=name) from None
    bad = int((~np.isfinite(found)).sum())
    raise_all([f"{name}: {bad} of {found.size} are not numbers; leave them out"] if bad else [], InputError)
    return found
