"""Times of feeds to seconds since 1970, UTC: zones declared, clock changes exact, nothing guessed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from lcr_hpc.errors import InputError
from lcr_hpc.spine.readers.series import Quarantine, since_1970

FIRST, LAST = 315_532_800, 4_102_444_800
"""1980 and 2100: outside, a stamp is damage, and a store would be laid out for centuries"""
_OFFSET = r"\d\d:?\d\d.*(?:Z|[+-]\d\d(?::?\d\d)?)$"
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def utc_seconds(
    path: Path,
    text: pd.Series,
    quarantine: Quarantine,
    *,
    zone: str = "UTC",
    formats: Sequence[str] = ("ISO8601",),
    sites: pd.Series | None = None,
) -> tuple[Ints, Bools]:
    """Instants of a text column.

    Parameters
    ----------
    path : Path
        For the quarantine.
    text : Series of str
        Stamps; the index is the line less 2, the name is the column's.
    quarantine : Quarantine
        Gets what is no time, what the clocks jumped over, and what stands for two instants.
    zone : str
        Zone of stamps that carry no offset.
    formats : sequence of str
        As `pandas.to_datetime` takes them; the one that reads most of the stamps holds for all.
    sites : Series of str, optional
        Site of each row. In the hour that comes twice, a stamp that its site has twice is first summer, then winter
        time, in the file's order; a stamp that it has once is refused, since nothing says which it is.

    Returns
    -------
    int64[row], bool[row]
        Seconds since 1970, and whether the row has a time.
    """
    plain = text.str.strip()
    offset = plain.str.contains(_OFFSET, regex=True, na=False).to_numpy(dtype=bool)
    stamp = _parse(plain.where(~offset, None), formats, utc=False)
    aware = _parse(plain.where(offset, None), ("ISO8601",), utc=True)
    unread = stamp.isna().to_numpy() & aware.isna().to_numpy()
    quarantine.add(path, text, unread, str(text.name), "no readable time")
    local, gap, unclear = _localise(stamp, check_zone(zone), sites)
    quarantine.add(path, text, gap, str(text.name), f"no such time in {zone}: the clocks go forward over it")
    quarantine.add(
        path, text, unclear, str(text.name), f"two instants have this time in {zone}; write UTC or an offset"
    )
    good = ~(unread | gap | unclear)
    second = np.where(offset, since_1970(aware.fillna(_EPOCH), "s"), since_1970(local.fillna(_EPOCH), "s"))
    outside = good & ((second < FIRST) | (second >= LAST))
    quarantine.add(path, text, outside, str(text.name), "a year outside 1980 to 2099")
    return second.astype(np.int64), good & ~outside


def check_zone(zone: str) -> str:
    """Return the name of a time zone, or refuse it."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise InputError(
            f"`time_zone` is {zone!r}, wanted a name such as UTC or Europe/London", field="time_zone"
        ) from None
    return zone


_EPOCH = pd.Timestamp(0, tz="UTC")


def _parse(text: pd.Series, formats: Sequence[str], *, utc: bool) -> pd.Series:
    best = None
    for style in formats:
        found = pd.to_datetime(text, errors="coerce", format=style, utc=utc)
        if found.dtype == object:  # nothing at all could be read
            found = pd.to_datetime(pd.Series(pd.NaT, index=text.index), utc=utc)
        if best is None or found.notna().sum() > best.notna().sum():
            best = found
    assert best is not None
    return best


def _localise(stamp: pd.Series, zone: str, sites: pd.Series | None) -> tuple[pd.Series, Bools, Bools]:
    """UTC instants of wall-clock times; which fall into the gap, and which stand for two instants and do not say."""
    here = stamp.notna().to_numpy()
    if zone == "UTC":
        return stamp.dt.tz_localize("UTC"), np.zeros(len(stamp), bool), np.zeros(len(stamp), bool)
    first = stamp.dt.tz_localize(zone, ambiguous=np.ones(len(stamp), bool), nonexistent="NaT")
    gap = here & first.isna().to_numpy()
    twofold = here & ~gap & stamp.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT").isna().to_numpy()
    key = pd.DataFrame({"stamp": stamp.to_numpy(), "site": "" if sites is None else sites.to_numpy()})[twofold]
    group = key.groupby(["stamp", "site"], sort=False)["stamp"]
    summer, pair = np.ones(len(stamp), bool), np.zeros(len(stamp), bool)
    summer[twofold] = group.cumcount().to_numpy() == 0
    pair[twofold] = group.transform("size").to_numpy() == 2
    exact = stamp.dt.tz_localize(zone, ambiguous=summer, nonexistent="NaT")
    return exact.dt.tz_convert("UTC"), gap, twofold & ~pair
