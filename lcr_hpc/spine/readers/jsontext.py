"""JSON of a feed: no names that stand twice, no numbers that are none, no depth that breaks a parser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from lcr_hpc.errors import InputError
from lcr_hpc.spine.readers.text import MOST_FIELD, read_text


def read_json(path: Path) -> tuple[Any, tuple[str, ...]]:
    """Read a JSON document, and say how it was encoded where that is not UTF-8.

    Raises
    ------
    InputError
        What `read_text` refuses; bad syntax, with line and column; NaN and Infinity; a name that stands twice in one
        object; text of more than a megabyte; nesting that no feed has.
    """
    text, encoding = read_text(path)
    try:
        found = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_number)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InputError(f"{path}: no JSON on {where} ({error.msg}); the file is damaged or cut off") from None
    except _Refused as error:
        raise InputError(f"{path}: {error}") from None
    except RecursionError:
        raise InputError(f"{path}: objects nested a thousand deep, wanted a feed; refused") from None
    except ValueError as error:  # whole numbers of thousands of digits
        raise InputError(f"{path}: {error}; refused") from None
    return found, (f"encoding {encoding}",) if encoding != "utf-8" else ()


def items(path: Path, value: Any, what: str) -> list[dict[str, Any]]:
    """A list of objects, or a message."""
    if not isinstance(value, list):
        raise InputError(f"{path}: {what} is {kind(value)}, wanted a list")
    strangers = [i for i, v in enumerate(value) if not isinstance(v, dict)]
    if strangers:
        raise InputError(f"{path}: {what} holds {kind(value[strangers[0]])} at {strangers[0] + 1}, wanted objects")
    return value


def kind(value: Any) -> str:
    """What a value is, in words."""
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number")


def as_number(value: Any) -> float | None:
    """A number, or a text that is one; None for anything else, NaN for null."""
    if value is None:
        return float("nan")
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value) if not isinstance(value, str) or len(value) < 64 else None
    except (ValueError, OverflowError):
        return None


class _Refused(Exception):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [k for k, _ in pairs]
        again = next(k for k in names if names.count(k) > 1)
        raise _Refused(f"the name `{again[:60]}` stands twice in one object; keep one")
    for value in found.values():
        if isinstance(value, str) and len(value) > MOST_FIELD:
            raise _Refused("a text of more than a megabyte; refused")
    return found


def _constant(name: str) -> NoReturn:
    raise _Refused(f"{name} is no JSON, wanted a number or null")


def _number(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise _Refused(f"the number {text[:40]} is too large")
    return value
