"""Feeds in formats of their own, as their dataset.json declares them, brought to the hours of a store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from lcr_hpc.errors import InputError
from lcr_hpc.spine.catalogue import ENTRY_FILE, Entry, read_entry
from lcr_hpc.spine.datasets import DATASETS
from lcr_hpc.spine.ingest.observations import daily_files
from lcr_hpc.spine.problems import Problems, few
from lcr_hpc.spine.readers.formats import FORMATS, Options, find_format, read_feed
from lcr_hpc.spine.readers.result import Reading
from lcr_hpc.spine.readers.series import Quarantine
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.variables import QUALITY_FLAGS

HOUR = 3600
_STEPS = {"PT0S": 0, "PT1H": HOUR}


@dataclass(frozen=True)
class Declared:
    """The files of one dataset, by who reads them."""

    contract: tuple[Path, ...]
    """In the dataset's own columns"""
    readings: tuple[Reading, ...]
    """In a declared format, in the order of the files' names"""

    def hourly(
        self, wanted: Mapping[str, str], rejected: Quarantine, how: str = "mean", *, flags: bool = True
    ) -> dict[str, pd.DataFrame]:
        """Hours of some variables, in the store's units.

        Parameters
        ----------
        wanted : mapping of str to str
            Unit by variable; others are left alone.
        rejected : Quarantine
            Gets observations that are on no interval of their step, and with no `flags` those that carry one.
        how : {"mean", "sum"}
            How parts make an hour.
        flags : bool
            Whether the store keeps flags beside values.

        Returns
        -------
        dict
            By variable a table of site, hour (since 1970, UTC), value, flag; a site's hour once. Where two files have
            the same interval, the later name holds.

        Raises
        ------
        InputError
            A unit that is not the store's, a step that does not make hours.
        """
        parts: dict[str, list[pd.DataFrame]] = {name: [] for name in wanted}
        problems = Problems()
        for reading in self.readings:
            problems.add(_misfits(reading, wanted))
        problems.raise_if_any("the declared feeds do not fit the store")
        for name, found in parts.items():
            for reading in self.readings:
                table = reading.table[(reading.table["variable"] == name).to_numpy()]
                if len(table):
                    found.append(_on_steps(reading, table, rejected).assign(step=_seconds(reading.step)))
                    if not flags:
                        _quarantine_flagged(reading, table, rejected)
        return {name: _hours(pd.concat(found, ignore_index=True), how) for name, found in parts.items() if found}


def declared_files(layout: Layout, dataset: str, rejected: Quarantine, *patterns: str) -> Declared:
    """Read what dataset.json declares, and name what is in the dataset's own columns.

    Parameters
    ----------
    layout : Layout
        Where incoming/ is.
    dataset : str
        Its folder there, and the store that its hours are for.
    rejected : Quarantine
        Gets the refused cells of the declared files.
    patterns : str
        Names of the files in the dataset's own columns.

    Raises
    ------
    InputError
        No file at all, a declared pattern that meets none, a format that does not fit the store, a file that is
        refused as a whole.
    """
    folder = layout.incoming / dataset
    entry = read_entry(folder)
    if not entry.formats:
        return Declared(tuple(daily_files(folder, *patterns)), ())
    problems, taken, readings = Problems(), set[Path](), []
    for path, name, options in _claims(folder, entry, problems):
        if path in taken:
            problems.add(f"{path}: two patterns of `formats` meet it; make them differ")
            continue
        taken.add(path)
        with problems.collecting():
            readings.append(read_feed(path, name, options))
    problems.raise_if_any(f"the declared files of {dataset} cannot be read")
    for reading in readings:
        rejected.rows += [tuple(row) for row in reading.rejected.itertuples(index=False, name=None)]
    own = {f for p in patterns for f in folder.glob(p)} - taken
    return Declared(tuple(sorted(own)), tuple(sorted(readings, key=lambda r: r.path.name)))


def _claims(folder: Path, entry: Entry, problems: Problems) -> Iterator[tuple[Path, str, Options]]:
    """Each file of a declared pattern; the dataset's own reference tables (sites.csv) are nobody else's."""
    own = {ENTRY_FILE, *(t for t in DATASETS[entry.identifier].tables if "*" not in t)}
    for feed in entry.formats:
        with problems.collecting():
            fits = find_format(feed.format).stores
            if entry.identifier not in fits:
                others = few(n for n, f in FORMATS.items() if entry.identifier in f.stores)
                raise InputError(
                    f"{folder}: `{entry.identifier}` holds nothing that `{feed.format}` has; take {others}"
                )
            found = sorted(f for f in folder.glob(feed.files) if f.name not in own)
            if not found:
                raise InputError(f"{folder}: no file is named {feed.files}, as `formats` says; land some, or mend it")
            for path in found:
                yield path, feed.format, feed.options


def unknown_sites(tables: Iterable[pd.DataFrame], known: Iterable[str], file: Path) -> Iterator[str]:
    """Say which sites of the hours a list of sites lacks."""
    found = {str(s) for t in tables for s in t["site"].unique()}
    if strangers := sorted(found - set(known)):
        yield f"{file} lacks the sites {few(strangers)} of the declared files; add them there"


def _misfits(reading: Reading, wanted: Mapping[str, str]) -> Iterator[str]:
    units = reading.table.groupby(["variable", "unit"], observed=True).size().index
    found = [(str(v), str(u)) for v, u in units]
    if not any(v in wanted for v, _ in found):
        yield f"{reading.path} has {few(v for v, _ in found) or 'no value'}, wanted {' or '.join(wanted)}"
        return
    for variable, unit in found:
        if variable in wanted and unit != wanted[variable]:
            yield f"{reading.path}: {variable} is in {unit}, wanted {wanted[variable]}; convert it first"
    step = _seconds(reading.step)
    if step < 0 or (step and HOUR % step):
        yield f"{reading.path}: a value each {reading.step}, which makes no hours; this store holds hours"


def _seconds(step: str) -> int:
    """Length of a step of minutes or hours; −1 for days and years."""
    if step in _STEPS:
        return _STEPS[step]
    number = step.removeprefix("PT").removesuffix("M")
    return int(number) * 60 if number.isdigit() and step == f"PT{number}M" else -1


def _on_steps(reading: Reading, table: pd.DataFrame, rejected: Quarantine) -> pd.DataFrame:
    step = _seconds(reading.step)
    if not step:
        return table
    off = (table["second"] % step != 0).to_numpy()
    cells = pd.Series(table["value"].to_numpy(), index=table["line"].to_numpy() - 2)
    rejected.add(reading.path, cells, off, str(table["variable"].iloc[0]), f"not on a step of {reading.step}")
    return table[~off]


def _quarantine_flagged(reading: Reading, table: pd.DataFrame, rejected: Quarantine) -> None:
    """Values that a store without flags cannot hold; what the source itself left out is no defect."""
    for flag in sorted(set(table["flag"]) - {0, 1}):
        here = table[(table["flag"] == flag).to_numpy()]
        cells = pd.Series(here["value"].to_numpy(), index=here["line"].to_numpy() - 2)
        name = str(table["variable"].iloc[0])
        rejected.add(reading.path, cells, np.ones(len(here), bool), name, QUALITY_FLAGS[flag].replace("_", " "))


def _hours(table: pd.DataFrame, how: str) -> pd.DataFrame:
    """Good parts make an hour; one with a part missing is missing, one with a bad part carries that part's flag."""
    table = table.drop_duplicates(["site", "second"], keep="last").assign(site=lambda t: t["site"].astype(str))
    table = table.assign(hour=table["second"] // HOUR).sort_values(["site", "second"], kind="stable")
    group = table.groupby(["site", "hour"], sort=True)
    good = table["flag"] == 0
    hours = pd.DataFrame(
        {
            "value": group["value"].first(),
            "flag": group["flag"].first(),
            "step": group["step"].max(),
            "parts": group.size(),
            "good": good.groupby([table["site"], table["hour"]]).sum(),
            "total": table["value"].where(good, 0.0).groupby([table["site"], table["hour"]]).sum(),
            "worst": table["flag"].where(~good, 127).groupby([table["site"], table["hour"]]).min(),
        }
    ).reset_index()
    step, count = hours["step"].to_numpy(), hours["good"].to_numpy()
    total: npt.NDArray[np.float64] = hours["total"].to_numpy(np.float64)
    # Readings at any moment: their mean stands for the hour when one of them is good.
    enough = np.where(step == 0, count > 0, count * step == HOUR) & (step != HOUR)
    made = total if how == "sum" else total / np.maximum(count, 1)
    lacking = (step > 0) & (step < HOUR) & ~enough
    partly = lacking & (hours["parts"].to_numpy() * step == HOUR)
    value = np.where(enough, made, np.where(lacking, np.nan, hours["value"]))
    flag = np.where(enough, 0, np.where(partly, hours["worst"], np.where(lacking, 1, hours["flag"])))
    return pd.DataFrame({"site": hours["site"], "hour": hours["hour"], "value": value, "flag": flag.astype(np.int8)})
