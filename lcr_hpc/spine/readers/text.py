"""Text of a feed: encoding said, NUL bytes, huge fields and wrong separators refused, rows with their line numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lcr_hpc.errors import InputError
from lcr_hpc.spine.archives import read_member
from lcr_hpc.spine.problems import few

if TYPE_CHECKING:
    from lcr_hpc.spine.readers.series import Quarantine

MOST_FIELD = 1 << 20
"""Characters of one field. The longest of the real files has 4,000; a megabyte is a lost quote, or an attack"""
MOST_TEXT = 1 << 28
"""Bytes of one text file, unpacked: as a table of Python strings it takes some fifteen times as much"""
WINDOWS = "cp1252"


@dataclass(frozen=True)
class TextTable:
    """A CSV as text, nothing guessed."""

    frame: pd.DataFrame
    """object cells; the row of index i begins on line i + 2"""
    rows: int
    notes: tuple[str, ...]


def read_text(path: Path) -> tuple[str, str]:
    """Read a text file, plain, gzipped or alone in a zip archive.

    Returns
    -------
    (str, str)
        The text, and how it was encoded: utf-8, utf-8-sig (with a byte-order mark) or cp1252.

    Raises
    ------
    InputError
        A file that is missing, empty, too large or binary, an archive that is damaged or a bomb.
    """
    data = read_member(path, MOST_TEXT)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{path} is UTF-16, wanted UTF-8; save it as CSV UTF-8")
    if (at := data.find(b"\0")) >= 0:
        line = data.count(b"\n", 0, at) + 1
        raise InputError(f"{path}: a NUL byte on line {line}; this is no text, or the file is damaged: fetch it again")
    encoding = "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"
    try:
        return data.decode(encoding), encoding
    except UnicodeDecodeError as error:
        at = error.start
    try:
        return data.decode(WINDOWS), WINDOWS
    except UnicodeDecodeError:
        line = data.count(b"\n", 0, at) + 1
        raise InputError(
            f"{path}: neither UTF-8 nor {WINDOWS} on line {line} (byte 0x{data[at]:02x}); save it as UTF-8"
        ) from None


def read_csv(path: Path, columns: Iterable[str], quarantine: Quarantine, *, blank_rows: bool = False) -> TextTable:
    """Read a CSV with a header; rows with more or fewer fields than it go to quarantine.

    Parameters
    ----------
    path : Path
        CSV file, or one alone in a .gz or .zip.
    columns : iterable of str
        Columns that must be there.
    quarantine : Quarantine
        Gets ragged rows.
    blank_rows : bool
        Count a blank line as a row with too few fields: where a row's place gives its time, it matters.

    Raises
    ------
    InputError
        What `read_text` refuses, no header, a wrong separator, a header that names a column twice or lacks one,
        a field of more than a megabyte, a quote that is never closed.
    """
    text, encoding = read_text(path)
    header, records, starts = split_csv(path, text, columns)
    if not blank_rows:
        keep = [i for i, r in enumerate(records) if any(r)]
        records, starts = [records[i] for i in keep], [starts[i] for i in keep]
    index = np.array(starts, dtype=np.int64) - 2
    good = np.ones(len(records), dtype=bool)
    for i, record in enumerate(records):
        if len(record) != len(header):
            good[i] = False
    for kind, wrong in (("fewer", -1), ("more", 1)):
        bad = [i for i in np.flatnonzero(~good) if (len(records[i]) - len(header)) * wrong > 0]
        first = pd.Series([records[i][0] if records[i] else "" for i in bad], index=index[bad], dtype=object)
        quarantine.add(path, first, np.ones(len(bad), bool), header[0], f"{kind} fields than the header")
    cells = [r for r, g in zip(records, good, strict=True) if g]
    frame = pd.DataFrame(cells, columns=pd.Index(header, dtype=object), index=index[good], dtype=object)
    notes = (f"encoding {encoding}",) if encoding != "utf-8" else ()
    return TextTable(frame, len(records), notes)


def split_csv(path: Path, text: str, columns: Iterable[str] = ()) -> tuple[list[str], list[list[str]], list[int]]:
    """Header, records and the line on which each record begins; see `read_csv`."""
    csv.field_size_limit(MOST_FIELD)
    reader: Any = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True, strict=True)
    records, starts, line = [], [], 1
    try:
        for record in reader:
            records.append(record)
            starts.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{path}: from line {line} on no CSV ({_plainly(error)}); the file is damaged") from None
    first = next((i for i, r in enumerate(records) if r), None)
    if first is None:
        raise InputError(f"{path} is empty, wanted a header and rows; fetch it again")
    header = [name.strip() for name in records[first]]
    _check_header(path, header, records[first], list(columns))
    return header, records[first + 1 :], starts[first + 1 :]


def _check_header(path: Path, header: list[str], raw: list[str], wanted: list[str]) -> None:
    missing = [c for c in wanted if c not in header]
    if missing or len(header) == 1:
        for mark, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            split = [c.strip().strip('"') for c in mark.join(raw).split(mark)]
            if len(split) > len(header) and (set(wanted) & set(split) or not wanted):
                raise InputError(f"{path}: fields are separated by {word}, wanted commas; save it with commas")
    if repeated := sorted({c for c in header if header.count(c) > 1}):
        raise InputError(f"{path}: columns that stand twice: {few(f'`{c}`' for c in repeated)}; keep one of each")
    if missing:
        raise InputError(
            f"{path}: no column {few(f'`{m}`' for m in missing)}; the file has {few((c[:40] for c in header), 8)}",
            field=missing[0],
        )


def _plainly(error: csv.Error) -> str:
    said = str(error)
    if "field larger" in said:
        return "a field of more than a megabyte"
    return "a quote is never closed" if "unexpected end" in said else said
