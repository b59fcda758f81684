"""Why Snakemake runs a job, in a person's words."""

from __future__ import annotations

import re
from pathlib import Path

UPSTREAM = "Input files updated by another job: "


def plain_reason(told: str) -> str:
    """Say one of Snakemake's reasons plainly; one that is not known here is said as it stands."""
    if told.startswith("Missing output files"):
        return "it has not run yet"
    if "Params have changed" in told:
        return "its settings changed"
    if "Code has changed" in told:
        return "its rule changed"
    if told.startswith("Forced execution"):
        return "its store was gone, or of other settings or code"
    if told.startswith((UPSTREAM, "Updated input files")):
        return "its input changed: " + ", ".join(sorted(Path(p).name for p in re.split(r", ", told.partition(": ")[2])))
    return told
