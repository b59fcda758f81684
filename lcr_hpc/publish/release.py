"""Bring a verified draft to published/<night> so that a kill at any moment leaves `latest` on a whole snapshot.

A folder that `latest` points at cannot be renamed away without a moment of nothing. So the draft becomes
`<name>.new`, `latest` goes there, a hard-link clone of it takes the old folder's place, and `latest` comes back:
readers see old, then new, never neither. `settle` takes up, at the next start, whatever a kill left of that.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lcr_hpc.errors import ReleaseError
from lcr_hpc.publish.snapshot import INDEX

LATEST = "latest"
_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:-([a-z0-9][a-z0-9_-]*))?")
_LEFTOVER = re.compile(rf"({_NAME.pattern})\.(?:tmp-.*|new|old)")


def snapshot_name(night: str, scenario: str) -> str:
    """`<night>`, or `<night>-<scenario>` for another scenario than base."""
    return night if scenario == "base" else f"{night}-{scenario}"


@contextmanager
def only_publisher(published: Path) -> Iterator[None]:
    """Hold a root's release: a second publish at the same time would clean up the first one's draft."""
    published.mkdir(parents=True, exist_ok=True)
    with (published / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ReleaseError(f"another publish is at work in {published}; wait for it to end") from None
        except OSError:
            # A file system without locks (Lustre mounted noflock): the run's own lock has to do.
            pass
        yield


def new_draft(published: Path, name: str) -> Path:
    """Return an empty folder to write a snapshot in, on the same file system as its place."""
    draft = published / f"{name}.tmp-{os.getpid()}"
    draft.mkdir()
    return draft


def release(draft: Path, name: str) -> Path:
    """Put a verified draft in its place, replacing a snapshot of the same name.

    Parameters
    ----------
    draft : Path
        From `new_draft`; gone afterwards.
    name : str
        From `snapshot_name`.

    Returns
    -------
    Path
        The released folder. `latest` follows the content if it pointed at that name, and is otherwise untouched.
    """
    published = draft.parent
    whole, new, old = _places(published, name)
    if whole.is_symlink() or (whole.exists() and not whole.is_dir()):
        raise ReleaseError(f"{whole} is in the way: it is no folder; move it elsewhere and publish again")
    for file in (*draft.iterdir(), draft):
        _sync(file)
    if not whole.exists():
        draft.rename(whole)
    elif latest_name(published) == name:
        draft.rename(new)
        _flip(published, new.name)
        _settle(published, name)
    else:
        whole.rename(old)
        draft.rename(whole)
        _remove(old)
    _sync(published)
    return whole


def settle(published: Path) -> None:
    """Finish or undo what a killed publish left, and remove its drafts."""
    for link in published.glob(f".{LATEST}.*"):
        link.unlink()
    found = (_LEFTOVER.fullmatch(p.name) for p in published.iterdir())
    for name in sorted({match[1] for match in found if match}):
        _settle(published, name)


def point_latest(published: Path, name: str) -> None:
    """Let `latest` point at a snapshot, unless it points at a later night, or at base and this is a scenario."""
    current = latest_name(published)
    if current is None or not (published / current).is_dir() or _rank(name) >= _rank(current):
        set_latest(published, name)


def set_latest(published: Path, name: str) -> None:
    """Let `latest` point at a snapshot, whatever it points at now."""
    if latest_name(published) != name:
        _flip(published, name)
        _sync(published)


def latest_name(published: Path) -> str | None:
    """Name that `latest` points at; None = there is no `latest`."""
    link = published / LATEST
    if link.is_symlink():
        return str(link.readlink())
    if link.exists():
        raise ReleaseError(f"{link} is in the way: it is no link; move it elsewhere and publish again")
    return None


def prune(published: Path, keep: int, spare: str) -> list[str]:
    """Remove all but the last `keep` snapshots; never `spare`, nor what `latest` points at. Returns their names."""
    names = [p.name for p in published.iterdir() if _NAME.fullmatch(p.name) and (p / INDEX).is_file()]
    names.sort(key=lambda n: (_night(n), _rank(n), n))
    spared = {spare, latest_name(published)}
    removed = [n for n in names[:-keep] if n not in spared]
    for name in removed:
        away = published / f"{name}.tmp-removed"
        (published / name).rename(away)
        _remove(away)
    return removed


def _settle(published: Path, name: str) -> None:
    whole, new, old = _places(published, name)
    if latest_name(published) == new.name:
        clone = published / f"{name}.tmp-clone"
        _remove(clone)
        shutil.copytree(new, clone, copy_function=_link)
        if whole.exists():
            _remove(old)
            whole.rename(old)
        clone.rename(whole)
        _flip(published, name)
    elif old.exists() and not whole.exists():
        old.rename(whole)
    for leftover in (new, old, *published.glob(f"{name}.tmp-*")):
        _remove(leftover)


def _places(published: Path, name: str) -> tuple[Path, Path, Path]:
    return published / name, published / f"{name}.new", published / f"{name}.old"


def _flip(published: Path, name: str) -> None:
    link = published / f".{LATEST}.{os.getpid()}"
    link.symlink_to(name)
    link.replace(published / LATEST)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copy2(source, target)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _rank(name: str) -> tuple[bool, str]:
    """Base before scenarios, later nights before earlier ones."""
    match = _NAME.fullmatch(name)
    return (match is not None and match[2] is None, _night(name))


def _night(name: str) -> str:
    match = _NAME.fullmatch(name)
    return match[1] if match else ""


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
