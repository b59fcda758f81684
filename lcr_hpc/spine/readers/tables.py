"""Small reference tables in CSV: whole or refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.spine.datasets import DATASETS, Column
from lcr_hpc.spine.problems import Problems, few
from lcr_hpc.spine.readers.text import read_text, split_csv


def read_text_table(path: Path) -> pd.DataFrame:
    """Read a CSV as text, nothing guessed; the row of index i is line i + 2. Blank lines are left out.

    Fields that a short row lacks are NaN: see `short_rows`.

    Raises
    ------
    InputError
        When the file is missing, empty, not UTF-8 or has a row with too many fields.
    """
    try:
        text, _ = read_text(path)
    except InputError as error:
        if not path.exists():
            raise InputError(f"no file {path}; land one, or run `lcr spine feeds`") from None
        raise error from None
    header, records, starts = split_csv(path, text)
    keep = [i for i, r in enumerate(records) if any(r)]
    if long := [starts[i] for i in keep if len(records[i]) > len(header)]:
        raise InputError(
            f"{path}: more fields than the {len(header)} of the header on line {few(long)}; quote the commas"
        )
    cells = [records[i] + [np.nan] * (len(header) - len(records[i])) for i in keep]
    index = np.array([starts[i] - 2 for i in keep], dtype=np.int64)
    return pd.DataFrame(cells, columns=pd.Index(header, dtype=object), index=index, dtype=object)


def short_rows(table: pd.DataFrame) -> pd.Series:
    """Whether each row has fewer fields than the header, as the last row of a file that was cut off."""
    return table.isna().any(axis=1)


def lines(bad: pd.Series) -> str:
    """Line numbers of the rows where `bad` holds, the first few of them."""
    return few(bad.index[bad.to_numpy(dtype=bool)] + 2)


def read_reference(
    path: Path, dataset: str, pattern: str, *, rename: bool = False, problems: Problems | None = None
) -> pd.DataFrame:
    """Read a reference table by its contract in `DATASETS`.

    Parameters
    ----------
    path : Path
        CSV file.
    dataset, pattern : str
        Which table of the contract.
    rename : bool
        Take columns of another census too (`lsoa21_code` for `lsoa11_code`), under the contract's names.
    problems : Problems, optional
        Gets the cells beyond the contract's limits and words, for a caller who has more to say of the table.

    Returns
    -------
    DataFrame
        The contract's columns: text as str, integer as int64, number as float64.

    Raises
    ------
    InputError
        All missing columns, or all cells that break the contract (type, limits, words, key), at once.
    """
    table = read_text_table(path)
    columns = DATASETS[dataset].tables[pattern]
    if rename:
        table = table.rename(columns=census_names(table.columns))
    require_columns(path, table.columns, [c.name for c in columns])
    if (short := short_rows(table)).any():
        raise InputError(
            f"{path}: fewer fields than the header on line {lines(short)}; the file looks cut off: fetch it again"
        )
    found, beyond = list[str](), list[str]()
    typed = {c.name: _typed(path, table[c.name], c, found.append, beyond.append) for c in columns}
    if not len(table):
        found.append(f"{path} has no rows")
    found += _key_problems(path, table, DATASETS[dataset].keys.get(pattern, ()))
    raise_all(found + (beyond if problems is None or found else []), InputError)
    if problems is not None:
        problems.add(beyond)
    return pd.DataFrame(typed)


def require_columns(path: Path, found: Iterable[object], wanted: Iterable[str]) -> None:
    """Refuse a table without a wanted column."""
    have = [str(c) for c in found]
    if missing := [c for c in wanted if c not in have]:
        raise InputError(
            f"{path}: no column {few(f'`{m}`' for m in missing)}; the file has {few(have, 8)}", field=missing[0]
        )


def census_names(columns: Iterable[str]) -> dict[str, str]:
    """`lsoa21_code` or `LSOA11CD` to the contract's `lsoa11_code`, and names likewise."""
    found = {}
    for column in columns:
        plain = column.lower()
        for kind in ("lsoa", "msoa"):
            for census in ("11", "21"):
                if plain in (f"{kind}{census}_code", f"{kind}{census}cd"):
                    found[column] = "msoa11cd" if plain == "msoa11cd" else f"{kind}11_code"
                if plain in (f"{kind}{census}_name", f"{kind}{census}nm"):
                    found[column] = f"{kind}11_name"
    return found


def breaches(value: pd.Series, column: Column) -> Iterator[tuple[npt.NDArray[np.bool_], str]]:
    """Where typed cells break the column's limits, words or pattern, and how; NaN breaks none.

    Yields
    ------
    bool[row], str
        Cells, at least one of them; and the reason, to follow the column's name.
    """
    least, most = column.minimum, column.maximum
    found: list[tuple[pd.Series, str]] = []
    if least is not None:
        found.append((value < least, f"is below {least:,g}"))
    if most is not None:
        found.append((value > most, f"is above {most:,g}"))
    if column.words:
        words = [float(w) for w in column.words] if column.type == "integer" else list(column.words)
        found.append((~value.isin(words) & value.notna(), f"wants {few(column.words, 20)}; found another"))
    if column.pattern:
        found.append((~value.str.fullmatch(column.pattern), f"wants the pattern {column.pattern}; found another"))
    yield from ((bad.to_numpy(dtype=bool), reason) for bad, reason in found if bad.any())


def _key_problems(path: Path, table: pd.DataFrame, key: tuple[str, ...]) -> Iterator[str]:
    if not key:
        return
    text = table[list(key)].apply(lambda c: c.str.strip())
    name = ", ".join(f"`{k}`" for k in key)
    if (empty := (text == "").any(axis=1)).any():
        yield f"{path}: {name} is empty on line {lines(empty)}"
    if (again := text.duplicated()).any():
        said = text[again].agg(" ".join, axis=1)
        yield f"{path}: {name} must not repeat: {few(sorted(set(said)))}"


def _typed(
    path: Path, text: pd.Series, column: Column, problem: Callable[[str], None], beyond: Callable[[str], None]
) -> pd.Series:
    if column.type == "text":
        words = text.str.strip()
        for cells, reason in breaches(words, column):
            beyond(f"{path}: `{column.name}` {reason} on line {lines(pd.Series(cells, index=text.index))}")
        return words
    number = pd.to_numeric(text, errors="coerce").astype("float64")
    bad = ~np.isfinite(number.to_numpy())
    if column.type == "integer":
        bad |= number.to_numpy() != np.floor(number.to_numpy())
    if bad.any():
        where = [f"{c!r} on line {int(i) + 2}" for i, c in zip(text.index[bad], text[bad], strict=True)]
        kind = "whole numbers" if column.type == "integer" else "numbers"
        problem(f"{path}: `{column.name}` wants {kind}, found {few(where, 3)}; correct these cells")
        return number
    for cells, reason in breaches(number, column):
        beyond(f"{path}: `{column.name}` {reason} on line {lines(pd.Series(cells, index=text.index))}")
    return number.astype("int64") if column.type == "integer" else number
