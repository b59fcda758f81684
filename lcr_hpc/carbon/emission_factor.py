"""Hot emission factors of single vehicle technologies, and curves of a fleet that a user gives."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.carbon.tables import Table, columns
from lcr_hpc.errors import InputError, raise_all

COLUMNS = ("v_min_kmh", "v_max_kmh", "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "rf")


def hot_emission_factor(coefficients: Table, speed_km_h: ArrayLike) -> NDArray[np.float64]:
    """Hot emission factor of each row of coefficients at each speed.

    EF = (alpha v² + beta v + gamma + delta/v) / (epsilon v² + zeta v + eta) · (1 - rf), with v clipped to the row's
    [v_min, v_max] and EF never below 0. A reduction `rf` may be negative: Euro 5 vans emit more than their formula.

    Parameters
    ----------
    coefficients : DataFrame or mapping of columns
        v_min_kmh, v_max_kmh, alpha … eta, rf; others are ignored. Rows of Euro `VI` repeat `VI A/B/C`: keep one.
    speed_km_h : array_like
        float64[speed], or one number; km/h, not negative.

    Returns
    -------
    ndarray
        float64[row, speed], g/km; MJ/km for rows of energy consumption.

    Raises
    ------
    InputError
        Columns missing, coefficients or speeds that are not numbers, a speed below 0, a range without v_min > 0 (0 for
        rows without delta), a denominator of 0 at a speed.

    Notes
    -----
    Source: EMEP/EEA air pollutant emission inventory guidebook 2019, 1.A.3.b.i-iv, Tier 3.
    `clipped_speeds` counts what the clip changed.
    """
    from lcr_kernels.emission import hot_factor

    rows, speed = _checked(coefficients, speed_km_h)
    out: NDArray[np.float64] = np.empty((len(rows), len(speed)))
    hot_factor(rows, speed, out)
    if (bad := ~np.isfinite(out)).any():
        row, at = np.argwhere(bad)[0]
        raise InputError(
            f"coefficients: the denominator of {int(bad.any(axis=1).sum())} rows is 0 at a speed, first row {row} at "
            f"{speed[at]:g} km/h; leave them out"
        )
    return out


def clipped_speeds(coefficients: Table, speed_km_h: ArrayLike) -> NDArray[np.int64]:
    """Number of the given speeds that lie outside each row's range.

    Parameters and errors as of `hot_emission_factor`.

    Returns
    -------
    ndarray
        int64[row].
    """
    rows, speed = _checked(coefficients, speed_km_h)
    outside = (speed[None, :] < rows[:, :1]) | (speed[None, :] > rows[:, 1:2])
    count: NDArray[np.int64] = outside.sum(axis=1).astype(np.int64)
    return count


def _checked(coefficients: Table, speed_km_h: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rows = columns(coefficients, COLUMNS, "coefficients")
    try:
        speed = np.atleast_1d(np.asarray(speed_km_h, dtype=np.float64))
    except (TypeError, ValueError) as problem:
        raise InputError(f"speed_km_h: found values that are not numbers ({problem})", field="speed_km_h") from None
    problems = []
    if speed.ndim != 1:
        problems.append(f"speed_km_h: found {speed.ndim} dimensions, wanted one")
    if wrong := int((~np.isfinite(speed) | (speed < 0)).sum()):
        problems.append(f"speed_km_h: {wrong} of {speed.size} values are negative or not finite; leave them out")
    if (bad := ~np.isfinite(rows).all(axis=1)).any():
        problems.append(f"coefficients: {bad.sum()} of {len(rows)} rows hold values that are not finite")
    elif (bad := (rows[:, 0] < 0) | (rows[:, 1] < rows[:, 0]) | ((rows[:, 0] == 0) & (rows[:, 5] != 0))).any():
        problems.append(
            f"coefficients: {bad.sum()} rows lack 0 < v_min_kmh <= v_max_kmh (0 is for rows without delta), first row "
            f"{int(bad.argmax())}"
        )
    raise_all(problems, InputError)
    return rows, np.ascontiguousarray(speed)
