"""Fitting a gravity model's deterrence: to the mean cost of observed trips, or to how their costs are distributed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq, least_squares

from lcr_hpc.errors import InputError, ModelError
from lcr_hpc.traffic.gravity import (
    BinnedDeterrence,
    Cells,
    Deterrence,
    Gravity,
    Matrix,
    arrange_cells,
    distribute,
)
from lcr_hpc.traffic.network import SHOWN, Floats, LongInts
from lcr_hpc.traffic.trip_costs import checked_bins, mean_pair_cost

FAMILIES = ("exponential", "power", "combined")
DOUBLINGS = 40
ROUNDS = 2000
FAINTEST = 1e-12
"""Share below which a bin counts as this much in the fit: an empty one would divide by 0."""


def fit_mean_cost(
    cost: Matrix,
    origin_total: ArrayLike,
    destination_total: ArrayLike,
    mean_cost: float,
    *,
    family: str = "exponential",
    mean_log_cost: float | None = None,
    tolerance: float = 1e-8,
) -> Gravity:
    """Find the deterrence with which trips cost on average what observed ones do.

    Parameters
    ----------
    cost, origin_total, destination_total
        As in `gravity_trips`.
    mean_cost : float
        Mean cost of the observed trips.
    family : str
        "exponential", "power", or "combined", which has two parameters and needs `mean_log_cost` too.
    mean_log_cost : float, optional
        Mean natural logarithm of the cost of the observed trips.
    tolerance : float
        Largest difference of a mean, as a share of the mean cost.

    Returns
    -------
    Gravity

    Raises
    ------
    InputError
        As `gravity_trips`, an unknown family, or a mean that is missing or too many.
    ModelError
        A mean cost that no deterrence of the family gives, with the bound that it breaks.

    Notes
    -----
    Of the exponential function the mean cost, of the combined one both means, are what maximum likelihood equates
    (A. W. Evans, Transportation Research 5, 1971). One parameter: G. M. Hyman, The calibration of trip distribution
    models, Environment and Planning 1 (1969): begin at 1.5 / mean, bracket, then secants (Brent's, which never leaves
    the bracket). Two: Gauss–Newton from the fitted exponential.
    """
    _known(family, FAMILIES)
    wrong = [name for name, value in (("mean_cost", mean_cost), ("mean_log_cost", mean_log_cost)) if _odd(value)]
    if wrong or mean_cost <= 0.0:
        raise InputError(f"gravity: mean_cost is {mean_cost}, mean_log_cost {mean_log_cost}; wanted finite, above 0")
    if (mean_log_cost is not None) != (family == "combined"):
        raise InputError("gravity: mean_log_cost goes with the combined family, and the combined family with it")
    cells = arrange_cells(cost, power=family != "exponential")

    def model(deterrence: Deterrence) -> Gravity:
        return distribute(cells, origin_total, destination_total, deterrence, 1e-12)

    if mean_log_cost is None:
        return _fit_one(model, mean_cost, family, tolerance)
    start = _fit_one(model, mean_cost, "exponential", tolerance).deterrence
    assert isinstance(start, Deterrence)
    log_cost = np.log(cells.cost)

    def off(parameter: Floats) -> Floats:
        done = model(Deterrence(*parameter.tolist()))
        trips = cells.values(done.trips)
        mean_log = float((trips * log_cost).sum() / trips.sum())
        return np.array([done.mean_cost / mean_cost - 1.0, mean_log - float(mean_log_cost)])

    parameter, left = _least_squares(off, start)
    if not np.abs(left).max() <= tolerance:
        raise ModelError(
            f"gravity: the combined deterrence nearest to the means leaves {left[0]:.1e} of the mean cost and "
            f"{left[1]:.1e} of the mean logarithm; check that both are of the same trips and in the unit of the costs"
        )
    return model(Deterrence(*parameter.tolist()))


def fit_trip_lengths(
    cost: Matrix,
    origin_total: ArrayLike,
    destination_total: ArrayLike,
    edges: ArrayLike,
    bin_trips: ArrayLike,
    *,
    family: str = "bins",
    tolerance: float = 1e-8,
) -> Gravity:
    """Find the deterrence with which trips' costs are distributed as those of observed trips.

    Parameters
    ----------
    cost, origin_total, destination_total
        As in `gravity_trips`.
    edges : float64[bin + 1]
        Rising, around every cost; the last may be infinite. A bin holds its lower edge.
    bin_trips : float64[bin]
        Observed trips with such costs, in any unit: shares count.
    family : str
        "bins", a factor for each bin, which meets the distribution exactly; or "exponential", "power", "combined",
        whose parameters come as near as they can (least χ² of the shares).
    tolerance : float
        Of "bins": largest difference of a bin's share.

    Returns
    -------
    Gravity

    Raises
    ------
    InputError
        As `gravity_trips`; edges that do not rise or leave a cost out; trips in a bin that no pair of zones falls in.
    ModelError
        A distribution that the totals do not admit.

    Notes
    -----
    Bins: rows, columns and bins fitted in turn, S. P. Evans and H. R. Kirby, A three-dimensional Furness procedure for
    calibrating gravity models, Transportation Research 8 (1974).
    """
    _known(family, ("bins", *FAMILIES))
    cells = arrange_cells(cost, power=family in ("power", "combined"))
    edge, share = np.asarray(edges, np.float64), np.asarray(bin_trips, np.float64)
    number = checked_bins(cells, edge, share)
    share = share / share.sum()
    if family == "bins":
        return _fit_bins(cells, origin_total, destination_total, edge, share, number, tolerance)

    def model(deterrence: Deterrence) -> Gravity:
        return distribute(cells, origin_total, destination_total, deterrence, 1e-12)

    def deterrence(parameter: Floats) -> Deterrence:
        if family == "combined":
            return Deterrence(*parameter.tolist())
        return (
            Deterrence(rate=float(parameter[0])) if family == "exponential" else Deterrence(power=float(parameter[0]))
        )

    def off(parameter: Floats) -> Floats:
        held = _bin_shares(cells, model(deterrence(parameter)), number, share.size)
        difference: Floats = (held - share) / np.sqrt(np.maximum(held, FAINTEST))
        return difference

    mean = float((mean_pair_cost(cells, number, share.size) * share).sum())
    first = Deterrence(power=1.0 if family == "power" else 0.0, rate=0.0 if family == "power" else 1.0 / (mean or 1.0))
    parameter, _ = _least_squares(off, first, one=family != "combined")
    return model(deterrence(parameter))


def _fit_one(model: Callable[[Deterrence], Gravity], wanted: float, family: str, tolerance: float) -> Gravity:
    """Fit the one parameter of a family: the mean cost falls as it grows."""

    def off(parameter: float) -> float:
        power = family == "power"
        return model(Deterrence(parameter, 0.0) if power else Deterrence(0.0, parameter)).mean_cost / wanted - 1.0

    free = off(0.0)
    if abs(free) <= tolerance:
        return model(Deterrence())
    if free < 0.0:
        raise ModelError(
            f"gravity: a mean cost of {wanted:g} is above {(1 + free) * wanted:.6g}, what trips would cost if cost did "
            "not matter; check that it is in the unit of the costs, and of the same trips"
        )
    low, high = 0.0, 1.5 if family == "power" else 1.5 / wanted
    held = off(high)
    for _ in range(DOUBLINGS):
        if held <= 0.0:
            break
        low, high, before = high, 2.0 * high, held
        try:
            held = off(high)
        except ModelError:
            held = before
        if held > 0.0 and before - held <= 1e-12:
            raise ModelError(
                f"gravity: a mean cost of {wanted:g} is below {(1 + held) * wanted:.6g}, the least that could be "
                "balanced for these totals; check its unit, and the cost of trips within a zone"
            )
    found = float(brentq(off, low, high, xtol=1e-15 * high, rtol=4.0 * np.finfo(float).eps))
    done = model(Deterrence(found, 0.0) if family == "power" else Deterrence(0.0, found))
    if not abs(done.mean_cost / wanted - 1.0) <= tolerance:
        raise ModelError(f"gravity: the mean cost came to {done.mean_cost:.9g}, wanted {wanted:.9g}")
    return done


def _least_squares(off: Callable[[Floats], Floats], first: Deterrence, one: bool = False) -> tuple[Floats, Floats]:
    """Parameters with the least squares of `off`, and what is left of it."""
    start = np.array([first.power, first.rate])
    if one:
        start = start[start != 0.0]
    scale = start if one else np.array([1.0, first.rate if first.rate > 0.0 else 1.0])
    # Central steps of a thousandth: the rounding of a balancing to 1e-12 is far below what they show.
    done = least_squares(
        lambda x: off(start + scale * (x - 1.0)),
        np.ones(start.size),
        jac="3-point",
        diff_step=1e-3,
        xtol=1e-14,
        ftol=1e-15,
        gtol=1e-15,
    )
    return start + scale * (done.x - 1.0), done.fun


def _fit_bins(
    cells: Cells,
    origin_total: ArrayLike,
    destination_total: ArrayLike,
    edges: Floats,
    share: Floats,
    number: LongInts,
    tolerance: float,
) -> Gravity:
    factor = np.where(share > 0.0, 1.0, 0.0)
    used = share[number] > 0.0
    for what, line, total in (("from", cells.row, origin_total), ("to", cells.column, destination_total)):
        ends = np.asarray(total, np.float64)
        lost = np.flatnonzero((ends > 0.0) & (np.bincount(line[used], minlength=ends.size)[: ends.size] == 0))
        if lost.size:
            named = ", ".join(map(str, lost[:SHOWN]))
            raise InputError(
                f"gravity: all pairs {what} zone {named} are in bins without trips; join those to the next"
            )
    worst = np.inf
    for _ in range(ROUNDS):
        done = distribute(cells, origin_total, destination_total, BinnedDeterrence(edges, factor), 1e-11)
        held = _bin_shares(cells, done, number, share.size)
        worst = float(np.abs(held - share).max())
        if worst <= tolerance:
            return done
        factor = factor * np.divide(share, held, out=np.zeros(share.size), where=held > 0.0)
        factor = factor / factor.max()
    raise ModelError(
        f"gravity: a bin's share is off by {worst:.1e} after {ROUNDS} rounds, wanted {tolerance:g}; the totals may not "
        "admit this distribution: use wider bins"
    )


def _bin_shares(cells: Cells, done: Gravity, number: LongInts, bins: int) -> Floats:
    held = np.bincount(number, cells.values(done.trips), bins).astype(np.float64)
    share: Floats = held / held.sum()
    return share


def _known(family: str, families: tuple[str, ...]) -> None:
    if family not in families:
        raise InputError(f"gravity: no family `{family}` of deterrence; there is {', '.join(families)}")


def _odd(value: float | None) -> bool:
    return value is not None and not np.isfinite(value)
