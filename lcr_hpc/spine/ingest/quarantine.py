"""What could not be taken, as `<root>/spine/quarantine/<dataset>.csv`: file, line, column, value, reason."""

from __future__ import annotations

import csv
import io
from collections.abc import Container, Iterable
from pathlib import Path

from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import write_text

Row = tuple[str, int, str, str, str]
COLUMNS = ("file", "line", "column", "value", "reason")


def write_quarantine(
    layout: Layout, store: str, known: Container[str], parsed: Container[str], rows: Iterable[Row],
    *, private: bool,
) -> None:  # fmt: skip
    """Write the quarantine of a feed: what this run found, and what earlier runs found in files not parsed again.

    Parameters
    ----------
    layout, store : Layout, str
        Where things lie; name of the store.
    known : container of str
        Files of the ledger.
    parsed : container of str
        Files that this run has parsed: what was listed of them is replaced.
    rows : iterable of tuple
        What this run found.
    private : bool
        Whether the dataset is closed: the file is then its owner's alone (0600).
    """
    path = layout.root / "spine" / "quarantine" / f"{store}.csv"
    kept = [r for r in _read(path) if r[0] in known and r[0] not in parsed]
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(COLUMNS)
    # csv quotes no lone carriage return, which its reader takes for the end of a row.
    plain = ((f, n, *(t.replace("\r", "\\r") for t in told)) for f, n, *told in rows)
    out.writerows(sorted({*kept, *plain}))
    write_text(path, text.getvalue(), private=private)


def _read(path: Path) -> list[Row]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [(r[0], int(r[1]), r[2], r[3], r[4]) for r in list(csv.reader(file))[1:]]
    except (OSError, ValueError, IndexError, csv.Error):
        return []
