"""Collect everything that is wrong with an input, then say it once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from lcr_hpc.errors import InputError, raise_all


@dataclass
class Problems:
    """Problems found so far."""

    found: list[str] = field(default_factory=list)

    def add(self, problems: str | Iterable[str]) -> None:
        """Note one problem or several."""
        self.found.extend([problems] if isinstance(problems, str) else problems)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Take the problems of an `InputError` instead of letting it through."""
        try:
            yield
        except InputError as error:
            lines = str(error).split("\n  - ")
            self.add(lines[1:] or lines)

    def raise_if_any(self, title: str = "") -> None:
        """One `InputError` that lists all."""
        raise_all(dict.fromkeys(self.found), InputError, title=title if len(self.found) > 1 else "")


_LONGEST = 200


def few(values: Iterable[object], limit: int = 5) -> str:
    """The first few of some values, for a message; of one that is a page long (a header of noise) the beginning."""
    items = [text if len(text := str(v)) <= _LONGEST else f"{text[:_LONGEST]}…" for v in values]
    more = f" and {len(items) - limit:,} more" if len(items) > limit else ""
    return ", ".join(items[:limit]) + more
