"""What every reader gives back: one typed table, the cells it refused, and what a person should know of the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lcr_hpc.spine.problems import few
from lcr_hpc.spine.readers.series import MISSING_WORDS, Quarantine, flag_values, numbers
from lcr_hpc.store.variables import QUALITY_FLAGS

KINDS = ("observations", "sites", "areas", "links", "pairs")
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Reading:
    """One file, read by one format.

    `table` has, by kind:

    observations
        site, second (int64, start of the interval since 1970, UTC), variable, value (float64; NaN only where the flag
        says missing), unit, flag (int8, the dictionary's quality flags), status (the source's own word for it), line.
    sites
        site, name, and x, y in metres of EPSG:27700 or longitude, latitude in degrees; status, line.
    areas
        code, name, x, y. links: link, from_node and to_node or length_m, and what the file says more.
    pairs
        origin, destination, variable, value.
    """

    format: str
    path: Path
    kind: str
    table: pd.DataFrame
    rows: int
    """Data rows of the file, good and bad"""
    rejected: pd.DataFrame = field(default_factory=lambda: Quarantine().table())
    """file, line, column, value, reason: one row a cell that was not taken"""
    notes: tuple[str, ...] = ()
    step: str = ""
    """Length of each interval as an ISO 8601 duration (PT5M, P1D, P1Y); PT0S for readings at an instant"""
    sites: pd.DataFrame | None = None
    """Places of the sites, where the file has them"""

    @property
    def kept(self) -> int:
        """Values, or rows of a table that is no observations, that were taken with nothing to say against them."""
        return len(self.table) - self.flagged

    @property
    def flagged(self) -> int:
        """Values that were taken and carry a flag: missing, sentinel, out of range …"""
        return int((self.table["flag"] != 0).sum()) if "flag" in self.table else 0

    @property
    def flags(self) -> dict[str, int]:
        """How many values carry each flag that occurs."""
        if "flag" not in self.table:
            return {}
        count = np.bincount(self.table["flag"].to_numpy(), minlength=len(QUALITY_FLAGS))
        return {name: int(n) for name, n in zip(QUALITY_FLAGS, count, strict=True) if n and name != "good"}


class Collector:
    """Gathers the observations of one file, column by column."""

    def __init__(self, path: Path, quarantine: Quarantine) -> None:
        self.path, self.quarantine = path, quarantine
        self._parts: list[dict[str, Any]] = []

    def add_text(
        self,
        text: pd.Series,
        second: Ints,
        *,
        site: str | npt.NDArray[Any],
        variable: str,
        unit: str,
        limits: tuple[float, float],
        sentinel: float | None = None,
        status: npt.NDArray[Any] | str = "",
    ) -> None:
        """Take a column of text cells whose index is the line less 2; what is no number goes to quarantine."""
        column = str(text.name)
        value = numbers(self.path, column, text, self.quarantine)
        if (endless := np.isinf(value)).any():
            self.quarantine.add(self.path, text, endless, column, "no finite number")
        blank = text.str.strip().str.casefold().isin(MISSING_WORDS).to_numpy()
        good = np.isfinite(value) | (np.isnan(value) & blank)
        self.add(
            value[good], second[good], text.index.to_numpy(np.int64)[good] + 2,
            site=site if isinstance(site, str) else site[good], variable=variable, unit=unit, limits=limits,
            sentinel=sentinel, status=status if isinstance(status, str) else status[good],
        )  # fmt: skip

    def add(
        self,
        value: Floats,
        second: Ints,
        line: Ints,
        *,
        site: str | npt.NDArray[Any],
        variable: str,
        unit: str,
        limits: tuple[float, float],
        sentinel: float | None = None,
        status: npt.NDArray[Any] | str = "",
    ) -> None:
        """Take numbers; NaN is "missing", and what lies outside the limits is kept and flagged.

        Parameters
        ----------
        value, second, line : float64[n], int64[n], int64[n]
            Values, starts of their intervals since 1970 (UTC), and their lines.
        site, status : str or array of str
            One for all, or one each.
        variable, unit : str
            What was measured.
        limits : (float, float)
            Plausible values.
        sentinel : float, optional
            Value that stands for a fault; every value below −1e30 does, too.
        """

        def told(v: Floats) -> npt.NDArray[np.bool_]:
            hit: npt.NDArray[np.bool_] = v < -1e30
            return hit if sentinel is None else hit | (v == sentinel)

        flag = flag_values(value, limits[0], limits[1], told)
        self._parts.append(
            {
                "site": site, "second": second, "variable": variable, "value": value, "unit": unit, "flag": flag,
                "status": status, "line": line,
            }
        )  # fmt: skip

    def reading(self, name: str, rows: int, step: str, notes: Iterable[str] = (), **more: Any) -> Reading:
        """Put everything together; a site's value of one instant that stands twice is taken once."""
        table = self._table()
        twice = table.duplicated(["site", "variable", "second"]).to_numpy()
        for variable in table["variable"][twice].unique():
            here = table[twice & (table["variable"] == variable).to_numpy()]
            cells = pd.Series(here["value"].to_numpy(), index=here["line"].to_numpy() - 2)
            self.quarantine.add(self.path, cells, np.ones(len(here), bool), str(variable), "time stands twice")
        return Reading(
            name, self.path, "observations", table[~twice].reset_index(drop=True), rows, self.quarantine.table(),
            tuple(notes), step, **more,
        )  # fmt: skip

    def _table(self) -> pd.DataFrame:
        sizes = [len(p["value"]) for p in self._parts]
        columns: dict[str, Any] = {
            key: np.concatenate([p[key] for p in self._parts]) if self._parts else np.empty(0, dtype)
            for key, dtype in (("second", np.int64), ("value", np.float64), ("flag", np.int8), ("line", np.int64))
        }
        for key in ("site", "variable", "unit", "status"):
            columns[key] = _words([p[key] for p in self._parts], sizes)
        order = ["site", "second", "variable", "value", "unit", "flag", "status", "line"]
        return pd.DataFrame({k: columns[k] for k in order})


def not_read(columns: Iterable[object], read: Iterable[str]) -> tuple[str, ...]:
    """A note that names the columns that a reader leaves alone."""
    rest = [str(c) for c in columns if str(c) not in set(read)]
    return (f"not read: {few((f'`{c}`' for c in rest), 8)}",) if rest else ()


def _words(parts: list[str | npt.NDArray[Any]], sizes: list[int]) -> pd.Categorical:
    """Repeated words, held once each: a week of 207 detectors has 417,312 rows and 207 names."""
    if all(isinstance(p, str) for p in parts):
        names = sorted({str(p) for p in parts})
        place = {n: i for i, n in enumerate(names)}
        few_codes = np.repeat(np.array([place[str(p)] for p in parts], dtype=np.int32), sizes)
        return pd.Categorical.from_codes(few_codes, categories=pd.Index(names, dtype=object))
    whole = [np.full(n, p, dtype=object) if isinstance(p, str) else p for p, n in zip(parts, sizes, strict=True)]
    codes, names_ = pd.factorize(np.concatenate(whole).astype(object), sort=True)
    return pd.Categorical.from_codes(codes, categories=pd.Index(names_, dtype=object))
