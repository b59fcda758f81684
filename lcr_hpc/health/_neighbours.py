"""Who neighbours whom, in compressed rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.health._arrays import FloatArray

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Neighbours of area i: index[first[i]:first[i + 1]], and their weights.

    Attributes
    ----------
    first : int64[area + 1]
    index : int64[neighbour]
    weight : float64[neighbour]
        Above 0.
    """

    first: IntArray
    index: IntArray
    weight: FloatArray

    @property
    def areas(self) -> int:
        """Number of areas."""
        return self.first.size - 1

    @property
    def row(self) -> IntArray:
        """int64[neighbour]: the area that each entry belongs to."""
        return np.repeat(np.arange(self.areas), np.diff(self.first))

    def total(self, value: FloatArray) -> FloatArray:
        """float64[area]: sum of a number of each entry, in the entries' order."""
        return np.bincount(self.row, weights=value, minlength=self.areas).astype(np.float64)

    def lag(self, value: FloatArray) -> FloatArray:
        """float64[area]: weighted sum of the neighbours' values."""
        return self.total(self.weight * value[self.index])

    def keep(self, entries: NDArray[np.bool_]) -> Neighbours:
        """Only some entries; areas stay."""
        first = np.concatenate([[0], np.cumsum(np.bincount(self.row[entries], minlength=self.areas))])
        return Neighbours(first, self.index[entries], self.weight[entries])

    def unrequited(self) -> NDArray[np.bool_]:
        """bool[neighbour]: entries whose neighbour does not name the area in return."""
        there = self.row * self.areas + self.index
        return ~np.isin(self.index * self.areas + self.row, there)


def read_neighbours(neighbours: Any, areas: int) -> Neighbours:
    """Check a neighbour matrix, in any of the forms that are taken.

    Parameters
    ----------
    neighbours : scipy.sparse matrix or tuple (indptr, indices, data)
        Row i holds the weights of i's neighbours. Entries of weight 0 are no neighbours.
    areas : int
        Rows and columns wanted.

    Returns
    -------
    Neighbours

    Raises
    ------
    InputError
        Another shape, neighbours that do not exist or come twice, weights that are negative or not known.
    """
    if isinstance(neighbours, tuple) and len(neighbours) == 3:
        parts = neighbours
        shape = (len(parts[0]) - 1, areas)
    elif hasattr(neighbours, "tocsr"):
        matrix = neighbours.tocsr()
        parts, shape = (matrix.indptr, matrix.indices, matrix.data), matrix.shape
    else:
        found = type(neighbours).__name__
        raise InputError(
            f"neighbours: found {found}; give a scipy.sparse matrix or (indptr, indices, data)", field="neighbours"
        )
    first, index = (np.asarray(part).astype(np.int64) for part in parts[:2])
    weight = np.asarray(parts[2], dtype=np.float64)
    if shape != (areas, areas):
        raise InputError(
            f"neighbours: found {shape[0]} rows and {shape[1]} columns; want {areas} of each, one an area",
            field="neighbours",
        )
    if first[0] != 0 or np.any(np.diff(first) < 0) or first[-1] != index.size or weight.shape != index.shape:
        raise InputError("neighbours: indptr does not fit indices and data; give a valid CSR", field="neighbours")

    found_neighbours = Neighbours(first, index, weight)
    row = found_neighbours.row
    problems = []
    strange = (index < 0) | (index >= areas)
    if strange.any():
        problems.append(f"neighbours: {_named(row[strange])} name areas outside 0 … {areas - 1}")
    bad = ~(weight >= 0.0) | ~np.isfinite(weight)
    if bad.any():
        problems.append(f"neighbours: {_named(row[bad])} have negative or unknown weights; want 0 or more")
    key = np.sort(row * max(areas, 1) + index)
    twice = key[1:][np.diff(key) == 0] // max(areas, 1)
    if twice.size and not strange.any():
        problems.append(f"neighbours: {_named(twice)} name a neighbour twice; sum_duplicates() adds their weights")
    raise_all(problems, InputError)
    return found_neighbours.keep(weight > 0.0)


def _named(areas: IntArray) -> str:
    names = np.unique(areas)
    more = f" and {names.size - 5} more" if names.size > 5 else ""
    return ("area " if names.size == 1 else "areas ") + ", ".join(str(a) for a in names[:5]) + more
