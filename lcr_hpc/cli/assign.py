"""`lcr assign`: one network, without a night."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lcr_hpc.cli.app import JsonOption, app


@app.command()
def assign(
    net: Annotated[Path, typer.Argument(help="TNTP network file, or the link.csv or folder of a GMNS network")],
    trips: Annotated[Path, typer.Argument(help="TNTP trips file, or demand CSV")],
    gap: Annotated[float, typer.Option(help="Relative gap to stop at")] = 1e-6,
    toll_weight: Annotated[float, typer.Option(help="Cost of a unit of toll")] = 0.0,
    distance_weight: Annotated[float, typer.Option(help="Cost of a unit of length")] = 0.0,
    algorithm: Annotated[str, typer.Option(help="bush")] = "bush",
    blocks: Annotated[
        int | None, typer.Option(min=1, help="Blocks of origins: part of the problem, not of the machine")
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="Blocks that a rank works on at once")] = 1,
    out: Annotated[
        Path | None, typer.Option(help="Link flows and costs in the file's link order: CSV, or GeoParquet by .parquet")
    ] = None,
    classes: Annotated[
        Path | None, typer.Option(help="CSV of classes: name, trips or share, value_of_time, pcu, toll_weight, use …")
    ] = None,
    preload: Annotated[Path | None, typer.Option(help="CSV of fixed PCU/h: init_node, term_node, flow")] = None,
    turns: Annotated[
        Path | None, typer.Option(help="CSV of turns: from_node, via_node, to_node, penalty in minutes, blank = ban")
    ] = None,
    delay_function: Annotated[str | None, typer.Option(help="bpr, bpr2, conical or akcelik, for every link")] = None,
    block_centroids: Annotated[bool, typer.Option("--block-centroids", help="No path passes a zone")] = False,
    skims: Annotated[Path | None, typer.Option(help="Zarr of time, cost, toll, length between zones, by class")] = None,
    select_link: Annotated[list[str] | None, typer.Option(help="INIT,TERM: a link whose trips are wanted")] = None,
    select_out: Annotated[Path | None, typer.Option(help="CSV of the trips that use any selected link")] = None,
    checkpoint: Annotated[Path | None, typer.Option(help="Folder to save iterations in, and to go on from")] = None,
    checkpoint_seconds: Annotated[float, typer.Option(min=0, help="Least time between two checkpoints")] = 60.0,
    json: JsonOption = False,
) -> None:
    """Find the user equilibrium of one network; under mpiexec or srun, over the ranks."""
    from lcr_hpc.compute.mpi import abort_on_error, open_communicator
    from lcr_hpc.traffic.command import run_assign
    from lcr_hpc.traffic.command_files import AssignFiles, parse_links

    communicator = open_communicator()
    with abort_on_error(communicator):
        code = run_assign(
            net,
            trips,
            gap=gap,
            toll_weight=toll_weight,
            distance_weight=distance_weight,
            algorithm=algorithm,
            blocks=blocks,
            threads=threads,
            out=out,
            json=json,
            communicator=communicator,
            files=AssignFiles(
                classes=classes,
                preload=preload,
                turns=turns,
                delay_function=delay_function,
                block_centroids=block_centroids,
                skims=skims,
                select_link=parse_links(select_link or []),
                select_out=select_out,
                checkpoint=checkpoint,
            ),
            checkpoint_seconds=checkpoint_seconds,
        )
    raise typer.Exit(code)
