"""Furness's method as it is told: scale every row to its total, then every column, and again."""

from __future__ import annotations


def furness(matrix, row_total, column_total, turns):
    """Balanced copy of a list of rows."""
    out = [list(row) for row in matrix]
    for _ in range(turns):
        for i, wanted in enumerate(row_total):
            held = sum(out[i])
            out[i] = [v * wanted / held if held > 0 else 0.0 for v in out[i]]
        for j, wanted in enumerate(column_total):
            held = sum(row[j] for row in out)
            for row in out:
                row[j] = row[j] * wanted / held if held > 0 else row[j]
    return out
