"""Where the project's own files are: configs, coefficient tables, workflows."""

from __future__ import annotations

from pathlib import Path


def project_dir() -> Path:
    """Folder that holds Snakefile, workflows/ and configs/: the checkout's, else the copy inside the wheel."""
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "Snakefile").is_file():
        return checkout
    return Path(__file__).resolve().parents[1] / "project"


def coefficients_dir() -> Path:
    """Folder of the coefficient tables (CSV with source, year, unit, licence)."""
    return project_dir() / "configs" / "coefficients"
