"""Files in formats of their own, as their dataset.json declares them: one file's values, and the hours they make."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lcr_hpc.errors import InputError
from lcr_hpc.spine.catalogue import ENTRY_FILE, FeedFormat
from lcr_hpc.spine.datasets import DATASETS
from lcr_hpc.spine.ingest.flags import FlagRules
from lcr_hpc.spine.ingest.whole import Origin
from lcr_hpc.spine.problems import Problems, few
from lcr_hpc.spine.readers.formats import FORMATS, find_format, read_feed
from lcr_hpc.spine.readers.result import Reading
from lcr_hpc.spine.readers.series import Quarantine
from lcr_hpc.store.variables import QUALITY_FLAGS

HOUR = 3600
_STEPS = {"PT0S": 0, "PT1H": HOUR}


@dataclass(frozen=True)
class Declared:
    """The files of one dataset that other readers than its own read."""

    by_name: Mapping[str, tuple[FeedFormat, int]]
    """What reads each file, and the number of its pattern among the tables of the store's `source`"""
    sources: tuple[str, ...]
    """Tables of the store's `source`: the dataset's own patterns, then the declared ones"""
    rules: Mapping[str, Any]
    """What the declaration decides of the content, for the ledger; empty where nothing is declared"""
    sites: Mapping[str, FeedFormat]
    """Lists of sites, by the name of the file"""

    def __contains__(self, name: object) -> bool:
        return name in self.by_name

    def source(self, name: str) -> int:
        """Index of a file's table in `source`."""
        return self.by_name[name][1]

    def read(self, path: Path, rejected: Quarantine) -> Reading:
        """Read one file by its format; the cells that it refuses go to quarantine."""
        form, _ = self.by_name[path.name]
        reading = read_feed(path, form.format, form.options)
        rejected.rows += [tuple(row) for row in reading.rejected.itertuples(index=False, name=None)]
        return reading


def declared_files(folder: Path, origin: Origin, dataset: str, *patterns: str) -> Declared:
    """Say which files dataset.json declares; a file of such a name is never read in the dataset's own columns.

    Parameters
    ----------
    folder : Path
        Of the dataset, for messages.
    origin : Origin
        Its entry and the files that landed.
    dataset : str
        Its name, and that of the store that its hours are for.
    patterns : str
        Names of the files in the dataset's own columns.

    Raises
    ------
    InputError
        A declared pattern that meets no file, a file that two patterns meet, a format that does not fit the store.
    """
    formats, problems = origin.entries[dataset].formats, Problems()
    observed = [f for f in formats if f.format not in FORMATS or FORMATS[f.format].kind != "sites"]
    # The dataset's own reference tables (sites.csv) are nobody else's.
    own = {ENTRY_FILE, *(t for t in DATASETS[dataset].tables if "*" not in t)}
    by_name: dict[str, tuple[FeedFormat, int]] = {}
    for form in formats:
        with problems.collecting():
            if dataset not in find_format(form.format).stores:
                others = few(n for n, f in FORMATS.items() if dataset in f.stores)
                raise InputError(f"{folder}: `{dataset}` holds nothing that `{form.format}` has; take {others}")
        found = sorted({*fnmatch.filter(origin.landed[dataset], form.files)} - own)
        if not found:
            problems.add(f"{folder}: no file is named {form.files}, as `formats` says; land some, or mend it")
        for name in found:
            if name in by_name:
                problems.add(f"{folder / name}: two patterns of `formats` meet it; make them differ")
            by_name[name] = (form, len(patterns) + observed.index(form) if form in observed else -1)
    problems.raise_if_any(f"the declared files of {dataset} cannot be read")
    rules = {"formats": [f.model_dump(mode="json") for f in formats]} if formats else {}
    sites = {name: form for name, (form, number) in by_name.items() if number < 0}
    by_name = {name: found for name, found in by_name.items() if name not in sites}
    return Declared(by_name, (*patterns, *(f.files for f in observed)), rules, sites)


def declared_sites(folder: Path, declared: Declared) -> pd.DataFrame:
    """Rows of the declared lists of sites: sensor, name, latitude, longitude and the file that has them.

    Raises
    ------
    InputError
        A list that is refused, or a row of one.
    """
    tables, problems = [], Problems()
    for name, form in sorted(declared.sites.items()):
        with problems.collecting():
            reading = read_feed(folder / name, form.format, form.options)
            tables.append(reading.table.rename(columns={"site": "sensor"}).assign(file=name))
            rows = reading.rejected[["line", "column", "value", "reason"]].itertuples(index=False)
            problems.add(f"{folder / name}: line {n}, `{c}`: {v!r}: {why}; mend it" for n, c, v, why in rows)
    problems.raise_if_any("the lists of sites cannot be read")
    columns = ["sensor", "name", "latitude", "longitude", "file"]
    return pd.concat(tables)[columns] if tables else pd.DataFrame(columns=columns)


def values_of(
    reading: Reading, wanted: Mapping[str, str], rejected: Quarantine, rules: Mapping[str, FlagRules]
) -> pd.DataFrame:
    """Values of one file, in the store's units.

    A value that its source or its reader marks as bad stays where the store's own rules flag it too. Any other such
    value, and one that is only a part of an hour, goes to quarantine with its reason, and its place is empty.

    Parameters
    ----------
    reading : Reading
        Of one file.
    wanted : mapping of str to str
        Unit by variable; others are left alone.
    rejected : Quarantine
        Gets those values, and observations that are on no interval of their step.
    rules : mapping of str to FlagRules
        By which the store flags the values of each variable.

    Returns
    -------
    DataFrame
        site (str), second (since 1970), variable (str), value (NaN = missing, or not taken), good.

    Raises
    ------
    InputError
        A unit that is not the store's, a step that does not make hours.
    """
    problems = Problems()
    problems.add(_misfits(reading, wanted))
    problems.raise_if_any("the file does not fit the store")
    table = reading.table[reading.table["variable"].isin(list(wanted)).to_numpy()]
    step, flag, value = step_seconds(reading), table["flag"].to_numpy(), table["value"].to_numpy(np.float64)
    off = (table["second"].to_numpy() % step != 0) if step else np.zeros(len(table), dtype=bool)
    told = ~off & ~np.isin(flag, (0, 1))
    refused = told if 0 < step < HOUR else told & ~_flagged_by(rules, table["variable"], value)
    _refuse(reading, table, off, f"not on a step of {reading.step}", rejected)
    for kind in sorted(set(flag[refused])):
        _refuse(reading, table, refused & (flag == kind), QUALITY_FLAGS[kind].replace("_", " "), rejected)
    taken = pd.DataFrame(
        {
            "site": table["site"].astype(str).to_numpy(),
            "second": table["second"].to_numpy(np.int64),
            "variable": table["variable"].astype(str).to_numpy(),
            "value": np.where(refused, np.nan, value),
            "good": (flag == 0) & ~off,
        }
    )
    return taken[~off]


def hours_of(values: pd.DataFrame, step: int, how: str = "mean") -> pd.DataFrame:
    """Hours of the values of one file; an hour with a part missing, or in another file, is missing.

    Parameters
    ----------
    values : DataFrame
        From `values_of`.
    step : int
        Seconds of each interval; 0 = readings at any moment, whose mean stands for the hour when one of them is good.
    how : {"mean", "sum"}
        How parts make an hour.

    Returns
    -------
    DataFrame
        site, variable, hour (since 1970, UTC), value; each site, variable and hour once.
    """
    keys = ["site", "variable", "hour"]
    table = values.assign(hour=values["second"] // HOUR, total=values["value"].where(values["good"], 0.0))
    table = table.sort_values([*keys, "second"], kind="stable")
    group = table.groupby(keys, sort=True)
    hours = group.agg(first=("value", "first"), good=("good", "sum"), total=("total", "sum")).reset_index()
    if step != HOUR:
        good = hours["good"].to_numpy()
        total = hours["total"].to_numpy(np.float64)
        made = total if how == "sum" else total / np.maximum(good, 1)
        lacking = np.nan if step else hours["first"].to_numpy(np.float64)
        hours["first"] = np.where(good * step == HOUR if step else good > 0, made, lacking)
    return hours.rename(columns={"first": "value"})[[*keys, "value"]]


def require_sites(values: pd.DataFrame, known: Iterable[str], file: Path) -> None:
    """Refuse a file with sites that a list of sites lacks."""
    if strangers := sorted(set(values["site"]) - set(known)):
        raise InputError(f"{file} lacks the sites {few(strangers)} of the declared files; add them there")


def step_seconds(reading: Reading) -> int:
    """Length of a file's intervals of minutes or hours; 0 for readings at an instant, −1 for days and years."""
    if reading.step in _STEPS:
        return _STEPS[reading.step]
    number = reading.step.removeprefix("PT").removesuffix("M")
    return int(number) * 60 if number.isdigit() and reading.step == f"PT{number}M" else -1


def _misfits(reading: Reading, wanted: Mapping[str, str]) -> Iterator[str]:
    units = reading.table.groupby(["variable", "unit"], observed=True).size().index
    found = [(str(v), str(u)) for v, u in units]
    if not any(v in wanted for v, _ in found):
        yield f"{reading.path} has {few(v for v, _ in found) or 'no value'}, wanted {' or '.join(wanted)}"
        return
    for variable, unit in found:
        if variable in wanted and unit != wanted[variable]:
            yield f"{reading.path}: {variable} is in {unit}, wanted {wanted[variable]}; convert it first"
    step = step_seconds(reading)
    if step < 0 or (step and HOUR % step):
        yield f"{reading.path}: a value each {reading.step}, which makes no hours; this store holds hours"


def _flagged_by(
    rules: Mapping[str, FlagRules], variable: pd.Series, value: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    flagged = np.zeros(len(value), dtype=bool)
    for name, rule in rules.items():
        low, high = rule.sentinel
        bad = (value < rule.low) | (value > rule.high) | ((value >= low) & (value <= high))
        flagged |= bad & (variable == name).to_numpy()
    return flagged


def _refuse(
    reading: Reading, table: pd.DataFrame, bad: npt.NDArray[np.bool_], reason: str, rejected: Quarantine
) -> None:
    for variable in table["variable"][bad].unique():
        here = table[bad & (table["variable"] == variable).to_numpy()]
        cells = pd.Series(here["value"].to_numpy(), index=here["line"].to_numpy() - 2)
        rejected.add(reading.path, cells, np.ones(len(here), bool), str(variable), reason)
