"""Mode shift: how travellers divide anew among modes that become better or worse, pivoting on how they divide now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.traffic.network import SHOWN, Floats


class ModeShift(NamedTuple):
    """Trips by mode after a change.

    trips   dict of str to float64[pair]  same sum over modes as before, for each pair
    logsum  float64[pair]                 change of the expected greatest utility; × trips: what all gain. 0 = no trips
    """

    trips: dict[str, Floats]
    logsum: Floats


def shift_modes(base_trips: Mapping[str, ArrayLike], utility_change: Mapping[str, ArrayLike]) -> ModeShift:
    """Divide trips among modes by an incremental logit.

    Parameters
    ----------
    base_trips : mapping of str to float64[pair]
        Trips by mode as they are, 0 or more.
    utility_change : mapping of str to float64[pair] or float
        Change of each mode's utility, from `change_utility` or elsewhere; modes that are not named stay as they are.
        −infinity closes a mode.

    Returns
    -------
    ModeShift

    Raises
    ------
    InputError
        Modes without trips of their own in `base_trips`, shapes that differ, negative trips, NaN or +infinity, pairs
        all of whose modes are closed: at once.

    Notes
    -----
    share′ = share · exp(ΔU) / Σ share · exp(ΔU) (Kumar, Pivot point modeling procedures in demand estimation,
    Transportation Engineering Journal 106, 1980). A mode that nobody uses between two zones stays unused there: a new
    one needs a model with constants of its own. Without change, or with the same for all, the answer is the base.
    """
    trips = {mode: np.asarray(value, np.float64) for mode, value in base_trips.items()}
    raise_all(_problems(trips, utility_change), InputError)
    held = np.stack(list(trips.values()))
    change = np.stack(
        [np.broadcast_to(np.asarray(utility_change.get(m, 0.0), np.float64), held.shape[1:]) for m in trips]
    )
    used = held > 0.0
    best = np.where(used, change, -np.inf).max(axis=0)
    some = used.any(axis=0)
    shut = some & np.isneginf(best)
    if shut.any():
        named = ", ".join(map(str, np.flatnonzero(shut.ravel())[:SHOWN]))
        raise InputError(f"mode shift: all modes in use are closed; pairs {named}; leave one open or drop the trips")
    best = np.where(some, best, 0.0)
    drawn = held * np.exp(np.where(used, change - best, 0.0))
    before, after = held.sum(axis=0), drawn.sum(axis=0)
    ratio = np.divide(before, after, out=np.ones_like(before), where=some)
    return ModeShift(dict(zip(trips, drawn * ratio, strict=True)), best - np.log(ratio))


def change_utility(
    change: Mapping[str, Mapping[str, ArrayLike]], coefficient: Mapping[str, float]
) -> dict[str, Floats]:
    """Change of each mode's utility from changes of its attributes.

    Parameters
    ----------
    change : mapping of mode to mapping of attribute to float64[pair] or float
        New less old, such as {"bus": {"wait_min": -4.0, "fare": 0.5}}.
    coefficient : mapping of attribute to float
        Utility of a unit of each, below 0 for what travellers avoid.

    Raises
    ------
    InputError
        An attribute without a coefficient, or a coefficient that is not finite.
    """
    unknown = sorted(
        {f"{mode}: {a}" for mode, attributes in change.items() for a in attributes if a not in coefficient}
    )
    odd = sorted(name for name, value in coefficient.items() if not np.isfinite(value))
    found = [f"mode shift: no coefficient for {name}; there is {', '.join(coefficient)}" for name in unknown]
    raise_all(found + [f"mode shift: coefficient of {name} is {coefficient[name]}, wanted finite" for name in odd])
    return {
        mode: sum((coefficient[a] * np.asarray(value, np.float64) for a, value in attributes.items()), np.zeros(()))
        for mode, attributes in change.items()
    }


def _problems(trips: Mapping[str, Floats], change: Mapping[str, ArrayLike]) -> list[str]:
    if not trips:
        return ["mode shift: no modes; give the trips of each"]
    found = [f"mode shift: no trips of mode `{m}`; there is {', '.join(trips)}" for m in change if m not in trips]
    shape = next(iter(trips.values())).shape
    for mode, value in trips.items():
        if value.shape != shape:
            found.append(f"mode shift: trips of {mode} have shape {value.shape}, others {shape}")
        elif not (np.isfinite(value) & (value >= 0.0)).all():
            found.append(f"mode shift: trips of {mode} have negative numbers, NaN or infinity; wanted 0 or more")
    for mode, given in change.items():
        value = np.asarray(given, np.float64)
        if value.shape not in ((), shape):
            found.append(f"mode shift: utility change of {mode} has shape {value.shape}, wanted {shape} or one number")
        elif not (value < np.inf).all():
            found.append(
                f"mode shift: utility change of {mode} has NaN or +infinity; wanted numbers, −infinity = closed"
            )
    return found
