"""Small facts that grow by a line a night: a file of JSON lines that is added to, and laid out anew now and then.

A line is a commit: it stands whole or, cut off by a kill, not at all. So a night writes what it has found and not what
a thousand nights before it had.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lcr_hpc.store.manifest import write_text

_SLACK = 64


@dataclass
class Journal:
    """A file of JSON lines.

    Parameters
    ----------
    path : Path
        The file; its folder is made when it is first written.
    private : bool
        Whether it is its owner's alone (mode 0600).
    """

    path: Path
    private: bool = False
    lines: int = 0
    """Lines that stand in the file"""
    sound: bool = False
    """Whether a line can be added: the file is there, and was read to a whole last line"""

    def read(self) -> list[Any]:
        """Return every whole line, in order; a last one that is cut off counts as never written.

        A private file that others may read is closed to them first.

        Raises
        ------
        FileNotFoundError
            When there is no file.
        ValueError
            When a whole line is no JSON: the file is damaged.
        """
        if self.private and self.path.stat().st_mode & 0o077:
            self.path.chmod(0o600)
        whole, _, torn = self.path.read_bytes().rpartition(b"\n")
        # One call for all: a call for each line takes twice as long.
        records: list[Any] = json.loads(b"[" + whole.replace(b"\n", b",") + b"]")
        self.lines, self.sound = len(records), bool(whole) and not torn
        return records

    def append(self, *records: Any) -> None:
        """Add a line for each record; they are on the disk when this returns."""
        lines = "".join(_line(r) for r in records).encode()
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        try:
            self.sound = False  # a full disk may take a part of them: what stands then is a line cut off
            while lines:
                lines = lines[os.write(handle, lines) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        self.lines, self.sound = self.lines + len(records), True

    def rewrite(self, records: Iterable[Any]) -> None:
        """Lay the file out anew, whole or not at all; one that would not change is not touched."""
        lines = [_line(r) for r in records]
        write_text(self.path, "".join(lines), private=self.private)
        self.lines, self.sound = len(lines), True

    def overgrown(self, living: int) -> bool:
        """Whether the file is to be laid out anew before it is added to, as it holds `living` facts that count."""
        return not self.sound or self.lines > 2 * living + _SLACK


def _line(record: Any) -> str:
    return json.dumps(record, separators=(",", ":")) + "\n"
