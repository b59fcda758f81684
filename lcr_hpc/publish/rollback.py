"""Point `latest` back at an earlier release."""

from __future__ import annotations

from pathlib import Path

from lcr_hpc.errors import InputError, ReleaseError
from lcr_hpc.publish.release import latest_name, only_publisher, set_latest
from lcr_hpc.publish.snapshot import INDEX
from lcr_hpc.publish.verify import verify_snapshot


def rollback(published: Path, name: str | None = None) -> str:
    """Let `latest` point at a named release, or at the one before it; nothing is removed.

    Parameters
    ----------
    published : Path
        Folder of released snapshots.
    name : str, optional
        A snapshot there; without it the newest one older than `latest`.

    Returns
    -------
    str
        Name that `latest` points at now.

    Raises
    ------
    InputError
        When there is no such release.
    ReleaseError
        When the release is not what was published: `latest` stays.
    """
    there = sorted(f.name for f in published.iterdir() if (f / INDEX).is_file()) if published.is_dir() else []
    there = [n for n in there if not (published / n).is_symlink()]
    now = latest_name(published)
    if name is None:
        older = [n for n in there if now is not None and n < now]
        if not older:
            raise InputError(
                f"no release before {now or '(none)'} in {published}; there are: {', '.join(there) or 'none'}"
            )
        name = older[-1]
    if name not in there:
        raise InputError(f"no release {name} in {published}; there are: {', '.join(there) or 'none'}", field="snapshot")
    if problems := verify_snapshot(published / name):
        raise ReleaseError(f"{name} is not what was published, so `latest` stays:\n  - " + "\n  - ".join(problems))
    with only_publisher(published):
        set_latest(published, name)
    return name
