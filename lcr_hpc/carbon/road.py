"""Emissions of links from flow and speed."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.carbon.curves import EmissionCurves
from lcr_hpc.carbon.units import M_PER_KM
from lcr_hpc.errors import InputError, raise_all


def road_emissions(
    flow_veh_h: ArrayLike,
    speed_km_h: ArrayLike,
    length_m: ArrayLike,
    curve: ArrayLike,
    curves: EmissionCurves,
) -> NDArray[np.float64]:
    """Emission of every link and pollutant: flow · length · factor at the link's speed.

    Parameters
    ----------
    flow_veh_h : array_like
        float64[class, link] or [link], veh/h.
    speed_km_h : array_like
        float64[link], km/h; clipped to the curves' 1 to 140. It may be NaN where nothing drives.
    length_m : array_like
        float64[link], m.
    curve : array_like
        int[class, link] or [link]: which of `curves.classes` each flow has.
    curves : EmissionCurves
        Factors, linear between whole km/h.

    Returns
    -------
    ndarray
        float64[link, pollutant], g/h, in the order of `curves.pollutants`.

    Raises
    ------
    InputError
        Shapes that differ, negative or missing flows or lengths, traffic without a speed, indices without a curve.
    """
    from lcr_kernels.emission import link_emission

    flow = np.ascontiguousarray(np.atleast_2d(np.asarray(flow_veh_h, dtype=np.float64)))
    speed = np.ascontiguousarray(speed_km_h, dtype=np.float64)
    length = np.ascontiguousarray(length_m, dtype=np.float64)
    which = np.ascontiguousarray(np.atleast_2d(np.asarray(curve, dtype=np.int64)))
    raise_all(_problems(flow, speed, length, which, len(curves.classes)), InputError)
    by_speed = curves.factor_g_km.transpose(2, 0, 1)
    table = np.ascontiguousarray(np.pad(by_speed, ((0, 0), (0, 0), (0, -by_speed.shape[2] % 4))))
    out = np.empty((speed.size, len(curves.pollutants)))
    link_emission(flow, speed, length / M_PER_KM, which, table, out)
    return out


def _problems(
    flow: NDArray[np.float64],
    speed: NDArray[np.float64],
    length: NDArray[np.float64],
    which: NDArray[np.int64],
    n_curves: int,
) -> list[str]:
    links = speed.size
    if speed.ndim != 1 or length.shape != (links,) or flow.shape[1:] != (links,) or which.shape != flow.shape:
        return [
            f"flow {flow.shape}, speed {speed.shape}, length {length.shape}, curve {which.shape}: "
            "wanted [class, link] for flow and curve, [link] for the others"
        ]
    found = []
    for name, values in (("flow_veh_h", flow), ("length_m", length)):
        if (bad := ~np.isfinite(values) | (values < 0)).any():
            found.append(f"{name}: {bad.sum()} of {bad.size} values are negative or missing")
    drives = (flow.sum(axis=0) > 0) & (length > 0)
    if (bad := drives & ~(np.isfinite(speed) & (speed >= 0))).any():
        found.append(f"speed_km_h: {bad.sum()} links with traffic have no speed, first link {int(bad.argmax())}")
    if which.size and (which.min() < 0 or which.max() >= n_curves):
        found.append(f"curve: found indices {which.min()} to {which.max()}, wanted 0 to {n_curves - 1}")
    return found
