"""Quality flags: each rule with its numbers, and the flags of a day from the stored values of the days beside it.

A flag depends on stored values alone, so neither the order nor the split of files can change one. The exception is
clock_jump, which no value shows: once set it stays with its day until the day is built from nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from lcr_kernels.quality import CLOCK_JUMP, flag_series

from lcr_hpc.store.shards import ShardedSeries, open_series
from lcr_hpc.store.variables import QUALITY_FLAGS, REGISTRY

Flags = npt.NDArray[np.int8]
Values = npt.NDArray[Any]


@dataclass(frozen=True)
class FlagRules:
    """The numbers of one variable's rules; see `lcr_kernels.quality.flag_series`."""

    low: float
    high: float
    """Plausible values, both included"""
    sentinel: tuple[float, float]
    """Values that stand for a fault, both included"""
    stuck_hours: int
    """Hours in a row with one and the same value, not zero; 0 = no rule"""
    spike_above: float
    spike_ratio: float
    """A spike stands off both neighbours by more than `spike_above + spike_ratio` × the lower value; < 0 = no rule"""


_NOTHING = (-3.4e38, -99.0)

RULES: Mapping[str, FlagRules] = {
    # 12,000 veh/h is more than six lanes carry. Five equal counts above zero in a row are rare on any road that a
    # detector is worth: six are a counter that repeats itself.
    "flow_veh_h": FlagRules(0.0, 12_000.0, (-1.0, -1.0), 6, 600.0, 1.0),
    # Instruments resolve 0.1 µg/m³; bonfire night has come to four times the hours beside it.
    "concentration_ug_m3": FlagRules(0.0, 2_000.0, (-3.4e38, -1e30), 6, 100.0, 4.0),
    # Hours of one MSOA: some hundred kWh; a spike is more than twice its neighbours and 200 kWh.
    "electricity_kwh": FlagRules(0.0, 2e6, (1.0, 0.0), 6, 200.0, 1.0),
    # Weather files write -99, -999 or -9999 for nothing. The numbers of hours and of spikes are beyond what two long
    # records of a London road show: in 226,000 hours no wind direction stood for 24, and the speed for 25 once; no
    # temperature stood for 9 of 165,000, nor jumped by more than 5.3 °C. A direction turns a circle: no spike.
    "wind_speed_m_s": FlagRules(0.0, 60.0, _NOTHING, 24, 10.0, 0.5),
    "wind_from_deg": FlagRules(0.0, 360.0, _NOTHING, 24, 0.0, -1.0),
    "air_temperature_c": FlagRules(-40.0, 45.0, _NOTHING, 12, 8.0, 0.0),
    # Modelled by most feeds, with a night-time floor and a class that stay for hours: neither stuck nor spike.
    "mixing_height_m": FlagRules(10.0, 5_000.0, _NOTHING, 0, 0.0, -1.0),
    "stability_class": FlagRules(0.0, 5.0, (1.0, 0.0), 0, 0.0, -1.0),
}
"""Rules by variable; the flag of `x_unit` is the variable whose name `FLAG_OF` gives"""
FLAG_OF = {
    "flow_veh_h": "flow_flag",
    "concentration_ug_m3": "concentration_flag",
    "electricity_kwh": "electricity_flag",
    "wind_speed_m_s": "wind_speed_flag",
    "wind_from_deg": "wind_from_flag",
    "air_temperature_c": "air_temperature_flag",
    "mixing_height_m": "mixing_height_flag",
    "stability_class": "stability_flag",
}


def rules_of(store: str) -> dict[str, Any]:
    """Rules of a store's variables as JSON values, for its ledger."""
    return {name: asdict(rule) for name, rule in RULES.items() if name in REGISTRY[store]}


def flag_day(
    rules: FlagRules, before: Values | None, day: Values, after: Values | None, jump: npt.NDArray[Any]
) -> Flags:
    """Flags of one day.

    Parameters
    ----------
    rules : FlagRules
        Of the variable.
    before, day, after : array, [hour, …]
        Stored values of the day and of the days beside it; None where there is none. Of whole numbers (a class) those
        below 0 are no observation.
    jump : bool array, like `day`
        Where the clock is in doubt.

    Returns
    -------
    int8 array, like `day`
        Indices into `QUALITY_FLAGS`.
    """
    halo = max(rules.stuck_hours - 1, 1)
    parts = [None if before is None else before[-halo:], day, None if after is None else after[:halo]]
    window = np.concatenate([_readings(p).reshape(len(p), -1) for p in parts if p is not None])
    first = 0 if before is None else min(halo, len(before))
    limits = (np.float32(v) for v in (rules.low, rules.high, *rules.sentinel))
    flat = flag_series(
        window, jump.reshape(len(day), -1), first, len(day), *limits, rules.stuck_hours,
        np.float32(rules.spike_above), np.float32(rules.spike_ratio),
    )  # fmt: skip
    flags: Flags = flat.reshape(day.shape)
    return flags


def _readings(values: Values) -> npt.NDArray[np.float32]:
    known = values.astype(np.float32, copy=False)
    return known if values.dtype.kind == "f" else np.where(values < 0, np.float32(np.nan), known)


def flag_stored_days(
    path: Path, store: str, days: Iterable[int], jumps: Mapping[int, Mapping[str, npt.NDArray[np.bool_]]] | None = None,
    written: dict[str, str] | None = None,
) -> int:  # fmt: skip
    """Bring the flags of some days up to date with the values that are stored.

    Parameters
    ----------
    path, store : Path, str
        Zarr store and its name.
    days : iterable of int
        Indices of the store's days; those it lacks, or has nothing of, are passed over.
    jumps : mapping, optional
        By day and variable, for days that were built from nothing: where the clock is in doubt. For other days the
        stored flags say it.
    written : dict, optional
        Gets the SHA-256 of the shards of flags, by path below the store.

    Returns
    -------
    int
        Days whose flags have changed.
    """
    changed, wanted = 0, sorted(set(days))
    for name in (n for n in RULES if n in REGISTRY[store]):
        value, flag = open_series(path, store, name), open_series(path, store, FLAG_OF[name], written)
        kept = _last_read(value)
        for day in wanted:
            if not 0 <= day < value.count:
                continue
            if not value.holds(day):
                changed += flag.erase(day)
                continue
            values = _some(kept(day))
            jump = (jumps or {}).get(day, {}).get(name, np.zeros(values.shape, dtype=bool))
            if day not in (jumps or {}):
                jump = flag.read(day) == CLOCK_JUMP
            changed += flag.write(day, flag_day(RULES[name], kept(day - 1), values, kept(day + 1), jump))
    return changed


def _last_read(series: ShardedSeries) -> Callable[[int], Values | None]:
    """Read days, each once while they come in order."""
    memory: dict[int, Values | None] = {}

    def read(day: int) -> Values | None:
        for old in [d for d in memory if d < day - 2]:
            del memory[old]
        if day not in memory:
            there = 0 <= day < series.count and series.holds(day)
            memory[day] = series.read(day) if there else None
        return memory[day]

    return read


def _some(values: Values | None) -> Values:
    assert values is not None
    return values


assert QUALITY_FLAGS[CLOCK_JUMP] == "clock_jump"
