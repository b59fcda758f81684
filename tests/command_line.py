"""A command that must be refused: one message, exit code 2, and a root of which no file changed."""

from __future__ import annotations

import hashlib
import io
import re
import sys
from collections.abc import Iterable
from contextlib import redirect_stderr
from pathlib import Path
from unittest import mock

import pytest

from lcr_hpc.cli import main


def listing(root: Path) -> dict[str, str]:
    """SHA-256 of every file under a root, `folder` for a folder; nothing for a root that is not there.

    Without <root>/run: logs and remembered fingerprints of files are no results.
    """
    return {
        str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() if p.is_file() else "folder"
        for p in sorted(root.rglob("*"))
        if p.relative_to(root).parts[0] != "run"
    }


def refused(*words: object, root: Path, wanted: Iterable[str]) -> str:
    """Run `lcr` in this process on a root; return what it said once all of the above holds."""
    before = listing(root)
    heard = io.StringIO()
    command = ["lcr", *map(str, words), "--root", str(root)]
    with mock.patch.object(sys, "argv", command), redirect_stderr(heard), pytest.raises(SystemExit) as left:
        main()
    said = heard.getvalue()
    assert left.value.code == 2, said
    assert said.startswith("lcr: ") and said.count("lcr: ") == 1 and "Traceback" not in said, said
    missing = [w for w in wanted if not re.search(w, said)]
    assert not missing, f"{missing} not in\n{said}"
    assert listing(root) == before
    return said
