"""Whole nights: run, plan, status, resume, nightly; the machine that runs them, and a folder for their files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from lcr_hpc.cli.app import ConfigOption, RootOption, app


@app.command()
def run(
    targets: Annotated[
        list[str] | None, typer.Argument(help="Stages to stop at: spine, traffic, carbon, health, publish")
    ] = None,
    config: ConfigOption = None,
    root: RootOption = None,
    profile: Annotated[str, typer.Option(help="local, slurm, hartree, or a folder with a Snakemake profile")] = "local",
    cores: Annotated[int | None, typer.Option(min=1, help="Cores of this machine; by default all")] = None,
) -> None:
    """Run the whole night, or up to a target, with live progress and time left."""
    from lcr_hpc.cli.results import say_comparison
    from lcr_hpc.night import run_night

    code = run_night(config, root=root, profile=profile, cores=cores, targets=tuple(targets or ()))
    if code == 0 and (not targets or {"publish", "night"} & set(targets)):
        say_comparison(config, root)
    raise typer.Exit(code)


@app.command()
def plan(
    targets: Annotated[list[str] | None, typer.Argument(help="Stages to stop at")] = None,
    config: ConfigOption = None,
    root: RootOption = None,
    profile: str = "local",
) -> None:
    """Show what would run, why, and how long it took before."""
    from lcr_hpc.night import plan_night

    raise typer.Exit(plan_night(config, root=root, profile=profile, targets=tuple(targets or ())))


@app.command()
def status(config: ConfigOption = None, root: RootOption = None) -> None:
    """Show where a run stands."""
    from lcr_hpc.night import night_status

    raise typer.Exit(night_status(config, root=root))


@app.command()
def resume(
    config: ConfigOption = None,
    root: RootOption = None,
    profile: Annotated[str | None, typer.Option(help="By default as the run began")] = None,
    cores: Annotated[int | None, typer.Option(min=1)] = None,
    force: Annotated[
        bool, typer.Option(help="Take over a lock whose owner is on another host; be sure that it is dead")
    ] = False,
) -> None:
    """Take up a run that was killed, once its owner is known to be dead."""
    from lcr_hpc.night import resume_night

    raise typer.Exit(resume_night(config, root=root, profile=profile, cores=cores, force=force))


@app.command()
def nightly(
    config: ConfigOption = None,
    root: RootOption = None,
    profile: Annotated[str, typer.Option(help="local, slurm, hartree, or a folder with a Snakemake profile")] = "local",
    cores: Annotated[int | None, typer.Option(min=1, help="Cores of this machine; by default all")] = None,
    today: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="By default the local date")] = None,
) -> None:
    """Run unattended: missed nights, then tonight's, by the deadline; steps aside for a run that is going on."""
    from lcr_hpc.night import run_nightly

    day = today.date() if today else None
    raise typer.Exit(run_nightly(config, root=root, profile=profile, cores=cores, today=day))


@app.command()
def doctor(root: RootOption = None, profile: str = "local") -> None:
    """Check this machine: each failure says what to do."""
    from lcr_hpc.night import run_doctor

    raise typer.Exit(run_doctor(root=root, profile=profile))


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="New or empty folder")]) -> None:
    """Lay out Snakefile, workflows, configs and slurm for a user of the installed package."""
    from lcr_hpc.night.init import lay_out

    print(lay_out(folder))
