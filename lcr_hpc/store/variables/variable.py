"""What the dictionary says of a variable, and the names that its flags stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

ROAD_CLASSES = ("connector", "motorway", "a_road", "minor_road")
QUALITY_FLAGS = ("good", "missing", "sentinel", "out_of_range", "stuck", "spike", "clock_jump")
SENSOR_KINDS = ("background", "roadside", "low_cost")
SERVICE_KINDS = ("gp", "hospital", "employment")
STABILITY_CLASSES = ("A", "B", "C", "D", "E", "F")
DAY_TYPES = ("weekday", "saturday", "sunday")
PURPOSES = ("home_to_work", "work_to_home", "other")


@dataclass(frozen=True)
class Variable:
    """One variable of one store.

    Parameters
    ----------
    name : str
        The field's standard noun, with its unit where it would be bare.
    dims : tuple of str
        Dimensions in storage order.
    dtype : str
        NumPy dtype, or "str" for UTF-8 text of any length.
    units : str
        CF units; "1" for counts, indices and fractions, "" for text.
    meaning : str
        One sentence for the dictionary, with the sign, the rank direction and what NaN stands for.
    fill : object, optional
        What a cell holds that was never written; by default NaN, -1 or "".
    shard : mapping of str to int, optional
        Cells a shard spans along a dimension; a dimension not named is one shard.
    attrs : mapping, optional
        Further CF attributes (flag_values, flag_meanings, standard_name …).
    """

    name: str
    dims: tuple[str, ...]
    dtype: str
    units: str
    meaning: str
    fill: Any = None
    shard: Mapping[str, int] = field(default_factory=dict)
    attrs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def fill_value(self) -> Any:
        """What a cell holds before it is written."""
        if self.fill is not None:
            return self.fill
        if self.dtype == "str":
            return ""
        return np.nan if np.issubdtype(np.dtype(self.dtype), np.floating) else -1


def flags(*meanings: str) -> dict[str, Any]:
    """CF attributes of a variable whose values stand for the named meanings, from 0."""
    return {"flag_values": list(range(len(meanings))), "flag_meanings": " ".join(meanings)}
