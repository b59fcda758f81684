"""A wide table, line by line and cell by cell with Python's own means."""

from __future__ import annotations

import datetime as dt
import math
import re

NUMBER, BAD_TIME, SHORT, LONG, QUOTED = range(5)
_BLANK = " \t\r"
_PLAIN = re.compile(r"[+-]?(?:(\d+)\.?(\d*)|\.(\d+))(?:[eE]([+-]?\d+))?")
_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?")


def read(text: str, roles: list[int | str | None], zulu: bool):
    """Rows of a table.

    Parameters
    ----------
    text : str
        Lines.
    roles : list
        Of each column: a number (place of the value), "time", or None (nobody wants it).
    zulu : bool
        Whether a time may end in Z.

    Returns
    -------
    list of (second or None, {place: value}, [(reason, text)])
        Of each line.
    """
    lines = text.split("\n")
    return [_row(line, roles, zulu) for line in (lines[:-1] if lines[-1] == "" else lines)]


def _row(line, roles, zulu):
    if not line.strip(_BLANK + ","):
        return None, {}, []
    fields = line.split(",")
    if '"' in line or len(fields) != len(roles):
        reason = QUOTED if '"' in line else SHORT if len(fields) < len(roles) else LONG
        return None, {}, [(reason, line)]
    second, values, left = None, {}, []
    for role, field in zip(roles, fields, strict=True):
        if role == "time":
            second = _second(field.strip(_BLANK), zulu)
            if second is None:
                left.append((BAD_TIME, field))
        elif role is not None:
            value = _number(field.strip(_BLANK))
            if value is None:
                left.append((NUMBER, field))
            else:
                values[role] = value
    return second, values, left


def _number(said: str) -> float | None:
    """Value; None where it is for the caller to look at."""
    if said.lower() in ("", "na", "nan", "null", "no data"):
        return math.nan
    found = _PLAIN.fullmatch(said)
    if not found:
        return None
    whole, fraction, alone, power = found.groups()
    fraction = fraction or alone or ""
    if len((whole or "") + fraction) > 15 or abs(int(power or 0) - len(fraction)) > 22:
        return None
    return float(said)


def _second(said: str, zulu: bool) -> int | None:
    found = _TIME.fullmatch(said[:-1] if zulu and said.endswith("Z") else said)
    if not found or int(found[1]) < 1900:
        return None
    try:
        when = dt.datetime(*(int(g or 0) for g in found.groups()), tzinfo=dt.UTC)
    except ValueError:
        return None
    return int(when.timestamp())
