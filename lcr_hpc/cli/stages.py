"""One stage of a night each, as its rule calls it: traffic, carbon, health, publish."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lcr_hpc.cli.app import ConfigOption, RootOption, app, night_of


@app.command()
def traffic(config: ConfigOption = None, root: RootOption = None) -> None:
    """Assign each period's demand to the road network; under mpiexec or srun, over the ranks."""
    from lcr_hpc.compute.mpi import abort_on_error, open_communicator
    from lcr_hpc.traffic.stage import run_traffic

    communicator = open_communicator()
    with abort_on_error(communicator):
        run_traffic(*night_of(config, root), communicator)


@app.command()
def carbon(config: ConfigOption = None, root: RootOption = None) -> None:
    """Compute the roads' emissions, their grid, and concentrations at the areas' population points."""
    from lcr_hpc.carbon.stage import run_carbon

    map_stage(run_carbon, config, root, remember="carbon")


@app.command()
def health(config: ConfigOption = None, root: RootOption = None) -> None:
    """Compute life expectancy, attributable burden and slope indices of inequality."""
    from lcr_hpc.health.stage import run_health

    map_stage(run_health, config, root, remember="health")


@app.command()
def publish(config: ConfigOption = None, root: RootOption = None) -> None:
    """Pass the gate, write products and report, verify them, and release the snapshot."""
    from lcr_hpc.publish.stage import run_publish

    print(run_publish(*night_of(config, root)))


def map_stage(stage: Callable[..., Any], config: Path | None, root: Path | None, remember: str | None = None) -> None:
    """Run a stage whose slabs are mapped, on the backend that the config names; one that is named remembers them."""
    from lcr_hpc.cli.slab_resume import remember_slabs
    from lcr_hpc.compute.backends import open_backend

    loaded, layout = night_of(config, root)
    compute = loaded.compute
    with open_backend(
        compute.backend,
        workers=compute.workers,
        scratch=layout.run_dir / "scratch",
        slurm_workers=compute.slurm_workers,
    ) as backend:
        if remember is None:
            stage(loaded, layout, backend)
            return
        slabs = remember_slabs(backend, loaded, layout, remember)
        stage(loaded, layout, slabs)
        slabs.remove()
