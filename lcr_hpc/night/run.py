"""Run a night."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lcr_hpc.config import load_config
from lcr_hpc.errors import RunError
from lcr_hpc.night.calls import is_locked
from lcr_hpc.night.execute import execute
from lcr_hpc.night.owner import release, take
from lcr_hpc.night.request import Request, check, check_base
from lcr_hpc.store.layout import layout_of


def run_night(
    config_path: Path | None = None,
    *,
    root: Path | None = None,
    profile: str = "local",
    cores: int | None = None,
    targets: Sequence[str] = (),
) -> int:
    """Run the whole night, or up to a target, with live progress.

    Parameters
    ----------
    config_path : Path, optional
        File of overrides; without it the defaults.
    root : Path, optional
        Run folder; else LCR_ROOT, else ./runs/<config name>.
    profile : str
        Name under slurm/profiles, or a folder with a Snakemake profile.
    cores : int, optional
        Cores of this machine; by default all that this process may use.
    targets : sequence of str
        Stages to stop at; none = up to the release.

    Returns
    -------
    int
        0; 1 when a stage failed; 128 + the signal's number when stopped.

    Raises
    ------
    ConfigError, InputError
        Before anything changes on disk.
    RunError
        When another run is going on in the root, or was killed there.
    """
    config = load_config(config_path)
    request = Request(profile, cores, tuple(targets))
    check(config, request)
    layout = layout_of(config, root)
    check_base(config, layout, request)
    owner = take(layout.run_dir)
    try:
        if is_locked(layout.run_dir):
            raise RunError(
                f"Snakemake's lock lies in {layout.run_dir}: a snakemake started by hand runs there, or the last run "
                "was killed; wait for the one, continue the other with `lcr resume`"
            )
        return execute(config, layout, request, owner)
    finally:
        release(layout.run_dir, owner)
