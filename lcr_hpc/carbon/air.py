"""Concentrations from line sources, hour by hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.carbon.meteorology import PASQUILL_CLASSES, briggs_coefficients, pasquill_class
from lcr_hpc.carbon.tables import Table, columns
from lcr_hpc.errors import InputError, raise_all

LINE_COLUMNS = ("x0", "y0", "x1", "y1", "height_m", "width_m", "sigma_z0_m")
RLINE_MET_COLUMNS = (
    "ustar_m_s",
    "obukhov_m",
    "z0_m",
    "mixing_height_m",
    "wind_speed_m_s",
    "wind_from_deg",
    "reference_height_m",
    "sigma_v_m_s",
)
METHODS = ("rline", "briggs", "rline-tabulated")
PLUME_REACH_SIGMA = 6.0
"""Half width of a plume in "rline-tabulated": what lies beyond is under exp(-18) = 1.5e-8 of the plume's axis."""

FULL_TURNS = 720.0
"""Directions beyond two turns are no directions: 990 and 999 are how met files say variable and missing."""
_NO_DIRECTION = "wind_from_deg is no direction: leave hours of variable or missing wind out"


@dataclass(frozen=True)
class _Sources:
    lines: NDArray[np.float64]
    receptors: NDArray[np.float64]
    emission: NDArray[np.float64]


def line_source_concentration(
    lines: Table,
    receptors: Table,
    met: Table,
    emission_g_m_s: ArrayLike,
    method: str = "rline",
    *,
    cutoff_m: float = np.inf,
    minimum_wind_m_s: float = 1.0,
) -> NDArray[np.float64]:
    """Concentration at receptors from straight line sources.

    Parameters
    ----------
    lines : DataFrame or mapping of columns
        x0, y0, x1, y1, height_m, width_m, sigma_z0_m (vertical spread at the road), all m; a row a line.
    receptors : DataFrame or mapping of columns
        x, y, z (height above ground), m; a row a receptor.
    met : DataFrame or mapping of columns
        A row an hour. "rline" and "rline-tabulated": ustar_m_s, obukhov_m, z0_m, mixing_height_m, wind_speed_m_s,
        wind_from_deg, reference_height_m, sigma_v_m_s. "briggs": wind_speed_m_s, wind_from_deg, mixing_height_m, and
        stability_class (A to F, or 0 to 5) or else obukhov_m with z0_m.
    emission_g_m_s : array_like
        float64[line], or [hour, line], or [hour, line, gas] for several gases over the same lines; g/m/s.
    method : str
        "rline": all equations of R-LINE as in AERMOD 24142. "rline-tabulated": the same with spreads and winds
        interpolated from a table by distance, and plumes cut at six sigma_y: over a town, within 0.02 % of "rline" at
        the median and 0.1 % at the 95th percentile, and tens of times as fast where many receptors see many lines.
        A table is made for each source height with sigma_z0, receptor height and hour. "briggs": a finite-line
        Gaussian plume with Briggs' urban spreads by Pasquill class; neither road width nor meandering.
    cutoff_m : float
        "briggs" and "rline-tabulated": parts of lines farther than this from a receptor are left out. By default none
        are; "rline" leaves out none and takes no other value.
    minimum_wind_m_s : float
        "briggs": slower winds are computed at this speed. The others have R-LINE's own floor.

    Returns
    -------
    ndarray
        float64[hour, receptor], µg/m³; [hour, receptor, gas] where the emission has gases.

    Raises
    ------
    InputError
        An unknown method, missing columns; and all at once: values that are not finite (with the hours), an Obukhov
        length of 0, negative emissions or speeds, shapes that do not fit.
    """
    if method not in METHODS:
        raise InputError(f"method {method!r} is unknown, wanted one of: {', '.join(METHODS)}", field="method")
    weather = _briggs_weather(met) if method == "briggs" else columns(met, RLINE_MET_COLUMNS, "met")
    sources = _sources(lines, receptors, emission_g_m_s, len(weather))
    out = np.empty((len(weather), len(sources.receptors), sources.emission.shape[2]))
    if method == "rline":
        from lcr_kernels.dispersion_rline import rline_concentration

        _check_rline(weather, [] if cutoff_m == np.inf else ["cutoff_m: rline takes none; rline-tabulated does"])
        rline_concentration(sources.lines, sources.receptors, weather, sources.emission, out)
    elif method == "rline-tabulated":
        _check_rline(weather, _wrong_cutoff(cutoff_m))
        out = _tabulated(sources, weather, cutoff_m)
    else:
        from lcr_kernels.dispersion_briggs import briggs_concentration

        _check_briggs(weather, cutoff_m, minimum_wind_m_s)
        sigma_y, sigma_z = briggs_coefficients(weather[:, 3].astype(np.int64))
        wind = np.ascontiguousarray(np.column_stack([np.maximum(weather[:, 0], minimum_wind_m_s), weather[:, 1:3]]))
        briggs_concentration(sources.lines, sources.receptors, wind, sigma_y, sigma_z, sources.emission, cutoff_m, out)
    return out if np.ndim(emission_g_m_s) == 3 else out[:, :, 0]


def _tabulated(sources: _Sources, weather: NDArray[np.float64], cutoff_m: float) -> NDArray[np.float64]:
    """Group lines by height and sigma_z0 and receptors by height, so that each group shares its tables."""
    from lcr_kernels.dispersion_rline_tabulated import rline_tabulated_concentration

    line = np.lexsort(sources.lines[:, [6, 4]].T)
    receptor = np.argsort(sources.receptors[:, 2], kind="stable")
    out = np.empty((len(weather), receptor.size, sources.emission.shape[2]))
    rline_tabulated_concentration(
        np.ascontiguousarray(sources.lines[line]),
        np.ascontiguousarray(sources.receptors[receptor]),
        weather,
        np.ascontiguousarray(sources.emission[:, line]),
        PLUME_REACH_SIGMA,
        cutoff_m,
        out,
    )
    given = np.empty_like(out)
    given[:, receptor] = out
    return given


def _sources(lines: Table, receptors: Table, emission_g_m_s: ArrayLike, hours: int) -> _Sources:
    line = columns(lines, LINE_COLUMNS, "lines")
    receptor = columns(receptors, ("x", "y", "z"), "receptors")
    emission, problems = _emission(emission_g_m_s, hours, len(line))
    for name, values in (("lines", line), ("receptors", receptor)):
        if missing := int((~np.isfinite(values)).any(axis=1).sum()):
            problems.append(f"{name}: {missing} of {len(values)} rows hold values that are not finite")
    if (line[:, 4:] < 0).any():
        problems.append("lines: height_m, width_m and sigma_z0_m must not be below 0")
    if (receptor[:, 2] < 0).any():
        problems.append("receptors: z must not be below 0")
    raise_all(problems, InputError)
    return _Sources(line, receptor, emission)


def _emission(given: ArrayLike, hours: int, lines: int) -> tuple[NDArray[np.float64], list[str]]:
    """Emission as [hour, line, gas], and what is wrong with it."""
    values = np.asarray(given, dtype=np.float64)
    shape = values.shape
    if values.ndim == 1:
        values = values[None, :, None]
    elif values.ndim == 2:
        values = values[:, :, None]
    if values.ndim != 3 or values.shape[0] not in (1, hours) or values.shape[1] != lines:
        wanted = "[line], [hour, line] or [hour, line, gas]"
        return values, [f"emission_g_m_s: shape {shape} for {hours} hours and {lines} lines; wanted {wanted}"]
    wrong = int((~(np.isfinite(values) & (values >= 0))).sum())
    problems = [f"emission_g_m_s: {wrong} of {values.size} values are negative or missing"] if wrong else []
    return np.ascontiguousarray(np.broadcast_to(values, (hours, *values.shape[1:]))), problems


def _briggs_weather(met: Table) -> NDArray[np.float64]:
    """Wind speed, direction, mixing height and stability class 0 to 5, float64[hour, 4]."""
    wind = columns(met, ("wind_speed_m_s", "wind_from_deg", "mixing_height_m"), "met")
    if "stability_class" not in met:
        stability = pasquill_class(*columns(met, ("obukhov_m", "z0_m"), "met").T).astype(np.float64)
    else:
        given = np.atleast_1d(np.asarray(met["stability_class"]))
        letters = {letter: float(k) for k, letter in enumerate(PASQUILL_CLASSES)}
        try:
            stability = np.array([letters[str(v)] if str(v) in letters else float(v) for v in given])
        except ValueError:
            raise InputError("met: stability_class must be A to F, or 0 to 5", field="stability_class") from None
    return np.ascontiguousarray(np.column_stack([wind, stability]))


def _check_rline(weather: NDArray[np.float64], settings: list[str]) -> None:
    problems = _missing_hours(weather) + settings
    ustar, obukhov, z0, lid, speed, direction, height, sigma_v = weather.T
    for name, bad in (
        (_NO_DIRECTION, np.abs(direction) > FULL_TURNS),
        ("obukhov_m is 0: neutral air is a large number", obukhov == 0),
        ("ustar_m_s is not above 0", ustar <= 0),
        ("z0_m is not above 0", z0 <= 0),
        ("mixing_height_m is not above 0", lid <= 0),
        ("wind_speed_m_s is below 0", speed < 0),
        ("reference_height_m is not above 0", height <= 0),
        ("sigma_v_m_s is not above 0: a plume needs a width", sigma_v <= 0),
    ):
        problems += _hours(name, bad)
    raise_all(problems, InputError)


def _check_briggs(weather: NDArray[np.float64], cutoff_m: float, minimum_wind_m_s: float) -> None:
    problems = _missing_hours(weather)
    speed, direction, lid, stability = weather.T
    problems += _hours(_NO_DIRECTION, np.abs(direction) > FULL_TURNS)
    problems += _hours("wind_speed_m_s is below 0", speed < 0)
    problems += _hours("mixing_height_m is not above 0", lid <= 0)
    problems += _hours("stability_class is not A to F (0 to 5)", ~np.isin(stability, np.arange(6.0)))
    problems += _wrong_cutoff(cutoff_m)
    if not minimum_wind_m_s > 0:
        problems.append(f"minimum_wind_m_s {minimum_wind_m_s}: wanted above 0")
    raise_all(problems, InputError)


def _wrong_cutoff(cutoff_m: float) -> list[str]:
    return [] if cutoff_m > 0 else [f"cutoff_m {cutoff_m}: wanted above 0"]


def _missing_hours(weather: NDArray[np.float64]) -> list[str]:
    return _hours("values are missing: leave those hours out, and say how many", np.isnan(weather).any(axis=1))


def _hours(problem: str, where: ArrayLike) -> list[str]:
    bad = np.asarray(where, dtype=np.bool_)
    if not bad.any():
        return []
    first = ", ".join(map(str, np.flatnonzero(bad)[:5]))
    return [f"met: {problem} ({bad.sum()} of {bad.size} hours: rows {first}{' …' if bad.sum() > 5 else ''})"]
