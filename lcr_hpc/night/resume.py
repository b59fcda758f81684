"""Take up a night that was killed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lcr_hpc.config import load_config
from lcr_hpc.errors import RunError
from lcr_hpc.night.calls import is_locked
from lcr_hpc.night.execute import EVENTS_FILE, execute
from lcr_hpc.night.owner import release, take_over
from lcr_hpc.night.request import CONFIG_FILE, check, check_base, read_request
from lcr_hpc.night.slurm_jobs import cancel_jobs
from lcr_hpc.store.layout import layout_of


def resume_night(
    config_path: Path | None = None,
    *,
    root: Path | None = None,
    profile: str | None = None,
    cores: int | None = None,
    force: bool = False,
) -> int:
    """Continue the last run of a root with the config it had: its orphans are ended, its locks taken away.

    Parameters
    ----------
    config_path : Path, optional
        Only tells which root is meant when `root` is not given: the run goes on with the config it began with.
    root : Path, optional
        Run folder; else LCR_ROOT, else ./runs/<config name>.
    profile, cores : optional
        By default those that the run began with.
    force : bool
        Take over from an owner on another host, who is known to be dead.

    Returns
    -------
    int
        As `run_night`.

    Raises
    ------
    RunError
        When no run was begun in the root, its owner lives, or is on another host and `force` is not given; when
        its Slurm jobs cannot be cancelled.
    """
    run_dir = layout_of(load_config(config_path), root).run_dir
    if not (run_dir / CONFIG_FILE).is_file():
        raise RunError(f"no run was begun in {run_dir.parent}; name its --root, or begin one with `lcr run`")
    config = load_config(run_dir / CONFIG_FILE)
    layout = layout_of(config, run_dir.parent)
    request = read_request(run_dir)
    request = replace(request, profile=profile or request.profile, cores=cores or request.cores)
    check(config, request)
    check_base(config, layout, request)
    owner = take_over(run_dir, force=force)
    try:
        cancel_jobs(run_dir / EVENTS_FILE)
        return execute(config, layout, request, owner, unlock=is_locked(run_dir))
    finally:
        release(run_dir, owner)
