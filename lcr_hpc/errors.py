"""What lcr-hpc says when it cannot go on: one message, exit code 2, nothing changed on disk."""

from __future__ import annotations

from collections.abc import Iterable


class LcrError(Exception):
    """Any problem that a person can mend. The message says what was found, what was wanted and what to do.

    Parameters
    ----------
    message : str
        One message for a person; the command line prints it as it stands.
    field : str, optional
        The offending field, column or setting, for programs that want to point at it.
    """

    exit_code = 2

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class ConfigError(LcrError):
    """A setting is unknown, missing or out of range."""


class InputError(LcrError):
    """An input file, table or array is not what its contract says."""


class StoreError(LcrError):
    """A Zarr store, a slab or a manifest is missing, misaligned or of the wrong units."""


class ModelError(LcrError):
    """A model cannot give an answer for the input it got."""


class LaunchError(LcrError):
    """MPI ranks, Dask workers or Slurm jobs did not start as asked."""


class ReleaseError(LcrError):
    """The gate refuses to publish."""


class RunError(LcrError):
    """A night did not finish; what had been published stays."""


def raise_all(problems: Iterable[str], kind: type[LcrError] = InputError, *, title: str = "") -> None:
    """Raise every problem at once as one error of `kind`; do nothing when there is none."""
    found = list(problems)
    if not found:
        return
    if len(found) == 1 and not title:
        raise kind(found[0])
    head = title or f"{len(found)} problems"
    raise kind(head + ":\n" + "\n".join(f"  - {p}" for p in found))
