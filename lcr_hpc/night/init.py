"""Lay out a project folder for a user of the installed package."""

from __future__ import annotations

import shutil
from pathlib import Path

from lcr_hpc.config import project_dir
from lcr_hpc.errors import InputError

PARTS = ("Snakefile", "workflows", "configs", "slurm")


def lay_out(folder: Path) -> str:
    """Copy Snakefile, workflows, configs and slurm into a new or empty folder.

    Returns
    -------
    str
        What to do next.

    Raises
    ------
    InputError
        When the folder holds something already; nothing is written then.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} is not empty; name a new folder, so that nothing of yours is overwritten")
    source = project_dir()
    for part in PARTS:
        target = folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if (source / part).is_dir():
            shutil.copytree(source / part, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source / part, target)
    return f"laid out {', '.join(PARTS)} in {folder}\nnext: cd {folder} && lcr run --config configs/tiny.yaml"
