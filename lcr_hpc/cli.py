"""The command line: each command reads its options, calls one function, and says problems in one message."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lcr_hpc.compute.kernel_cache import use_kernel_cache
from lcr_hpc.errors import InputError, LcrError

if TYPE_CHECKING:
    from lcr_hpc.config import Config
    from lcr_hpc.store.layout import Layout

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Nightly traffic, carbon and health-inequality models of Liverpool City Region.",
)
spine_app = typer.Typer(invoke_without_command=True, help="Feeds in, checked Zarr stores out.")
catalogue_app = typer.Typer(no_args_is_help=True, help="The datasets of a root: what they are, and under which terms.")
app.add_typer(spine_app, name="spine")
app.add_typer(catalogue_app, name="catalogue")

ConfigOption = Annotated[Path | None, typer.Option("--config", help="YAML file of overrides; without it, the defaults")]
RootOption = Annotated[Path | None, typer.Option("--root", help="Run folder; else LCR_ROOT, else ./runs/<config name>")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object, and nothing else, on stdout")]


def main() -> None:
    """Entry point of `lcr`: an `LcrError` is one message on stderr and its exit code, never a traceback."""
    use_kernel_cache()
    try:
        app()
    except LcrError as error:
        print(f"lcr: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except OSError as error:
        # A full disk, a folder that may not be written: a person can mend these, so no traceback.
        print(f"lcr: {_describe(error)}", file=sys.stderr)
        sys.exit(2)


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
    from lcr_hpc.night import run_night

    code = run_night(config, root=root, profile=profile, cores=cores, targets=tuple(targets or ()))
    if code == 0 and (not targets or {"publish", "night"} & set(targets)):
        _say_comparison(config, root)
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


@app.command()
def twin(
    out: Annotated[Path, typer.Option(help="Folder for the feeds")],
    areas: Annotated[int, typer.Option(help="Small areas, 20 or more")] = 989,
    days: Annotated[int, typer.Option(help="Days of observations that end with the night")] = 1,
    seed: Annotated[int, typer.Option(help="Seed of every random number")] = 2040,
    config: ConfigOption = None,
) -> None:
    """Write the synthetic Digital Spine of a Liverpool-like city region, in the feeds' own formats."""
    from lcr_hpc.config import load_config, parse_config
    from lcr_hpc.spine.stage import write_twin

    values = load_config(config).model_dump(mode="json")
    values["twin"] |= {"areas": areas, "days": days, "seed": seed}
    write_twin(out, parse_config(values, where="lcr twin"))
    print(f"wrote the feeds of {areas} areas to {out}")


@spine_app.callback()
def spine(context: typer.Context, config: ConfigOption = None, root: RootOption = None) -> None:
    """Land the night's feeds and read them into the spine's stores."""
    if context.invoked_subcommand is None:
        spine_feeds(config, root)
        spine_ingest(config, root)


@spine_app.command("feeds")
def spine_feeds(config: ConfigOption = None, root: RootOption = None) -> None:
    """Land the night's feeds: the twin's, and the real files that the config names in their place."""
    from lcr_hpc.spine.stage import run_twin

    run_twin(*_night(config, root))


@spine_app.command("ingest")
def spine_ingest(config: ConfigOption = None, root: RootOption = None) -> None:
    """Read the landed feeds into the spine's stores."""
    from lcr_hpc.spine.stage import run_ingest

    _map_stage(run_ingest, config, root)


@spine_app.command("compact")
def spine_compact(
    store: Annotated[str, typer.Argument(help="counts, air, weather or energy")],
    config: ConfigOption = None,
    root: RootOption = None,
) -> None:
    """Write a snapshot of a store of days with a shard a month, checked value by value; the day store stays."""
    from lcr_hpc.spine.compact import compact

    print(compact(_night(config, root)[1], store))


@spine_app.command("check")
def spine_check(
    file: Annotated[Path, typer.Argument(help="A feed's file, plain, .gz or .zip")],
    form: Annotated[str, typer.Option("--format", help="Name of its format; docs/feeds.md lists them")],
    option: Annotated[list[str] | None, typer.Option(help="name=value, as the dataset would say it")] = None,
    json: JsonOption = False,
) -> None:
    """Read one file by its format; print what would be kept, flagged and refused, with the first reasons."""
    from lcr_hpc.spine.check import check_file, describe, parse_options
    from lcr_hpc.traffic.readings import READERS

    reading = check_file(file, form, parse_options(option or []), READERS)
    print(describe(reading, as_json=json))
    if not len(reading.table):
        raise InputError(f"{file} has nothing that can be taken; see the reasons, and check the format and its options")


@spine_app.command("roads")
def spine_roads(
    file: Annotated[Path, typer.Argument(help="OpenStreetMap .osm.pbf, or Overture segments in .geojson or .parquet")],
    out: Annotated[Path, typer.Option(help="Folder for node.csv, link.csv and config.csv (GMNS)")],
) -> None:
    """Turn a map's roads into a network: the part where every junction reaches every other, in British metres."""
    from lcr_hpc.spine.readers.osm import read_osm
    from lcr_hpc.spine.readers.overture import read_overture

    whole = read_osm(file) if ".osm" in file.suffixes else read_overture(file)
    network = whole.largest()
    network.write_gmns(out)
    print(
        f"{len(network.start):,} links between {len(network.x):,} nodes, {network.metres.sum() / 1000:,.1f} km by "
        f"direction, in {out}; left out, since not every place reaches them: {len(whole.start) - len(network.start):,}"
    )


@app.command()
def traffic(config: ConfigOption = None, root: RootOption = None) -> None:
    """Assign each period's demand to the road network; under mpiexec or srun, over the ranks."""
    from lcr_hpc.compute.mpi import abort_on_error, open_communicator
    from lcr_hpc.traffic.stage import run_traffic

    communicator = open_communicator()
    with abort_on_error(communicator):
        run_traffic(*_night(config, root), communicator)


@app.command()
def carbon(config: ConfigOption = None, root: RootOption = None) -> None:
    """Compute the roads' emissions, their grid, and concentrations at the areas' population points."""
    from lcr_hpc.carbon.stage import run_carbon

    _map_stage(run_carbon, config, root)


@app.command()
def health(config: ConfigOption = None, root: RootOption = None) -> None:
    """Compute life expectancy, attributable burden and slope indices of inequality."""
    from lcr_hpc.health.stage import run_health

    _map_stage(run_health, config, root)


@app.command()
def publish(config: ConfigOption = None, root: RootOption = None) -> None:
    """Pass the gate, write products and report, verify them, and release the snapshot."""
    from lcr_hpc.publish.stage import run_publish

    print(run_publish(*_night(config, root)))


@app.command("appraise")
def appraise_scenario(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario that has been run for the night")],
    base: Annotated[str, typer.Option(help="Scenario that it is held against")] = "base",
    config: ConfigOption = None,
    root: RootOption = None,
    out: Annotated[Path | None, typer.Option(help="CSV of the table, a row a measure")] = None,
) -> None:
    """Say who gains and who loses in a scenario, and whether the gap along deprivation narrows."""
    from lcr_hpc.appraisal.compare import as_table, compare_scenarios, describe

    found = compare_scenarios(_night(config, root)[1], base, scenario)
    if out is not None:
        as_table(found).to_csv(out, index=False)
    print(describe(found, base, scenario))


@app.command()
def verify(snapshot: Annotated[Path, typer.Argument(help="Folder of a published snapshot")]) -> None:
    """Check a published snapshot again: fingerprints, schema, disclosure."""
    from lcr_hpc.publish.verify import verify_snapshot

    problems = verify_snapshot(snapshot)
    if problems:
        raise InputError(f"{snapshot} is not what was published:\n" + "\n".join(f"  - {p}" for p in problems))
    print(f"{snapshot}: every file is as published")


@app.command()
def compare(config: ConfigOption = None, root: RootOption = None) -> None:
    """Show the night's release against published figures, both years named."""
    if not _say_comparison(config, root):
        raise InputError(
            f"{_night(config, root)[1].published} has no release of this night with published figures; name some under "
            "`spine.feeds` (configs/lcr.yaml does), then `lcr run`"
        )


@app.command()
def rollback(
    snapshot: Annotated[
        str | None, typer.Argument(help="Name of a release; by default the one before `latest`")
    ] = None,
    config: ConfigOption = None,
    root: RootOption = None,
) -> None:
    """Point `latest` back at an earlier release, once it is verified; nothing is removed."""
    from lcr_hpc.publish.rollback import rollback as point_back

    published = _night(config, root)[1].published
    print(f"{published / 'latest'} is {point_back(published, snapshot)} now")


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


@catalogue_app.command("list")
def catalogue_list(config: ConfigOption = None, root: RootOption = None) -> None:
    """List the datasets."""
    from lcr_hpc.spine.catalogue import list_datasets

    print(list_datasets(_night(config, root)[1].incoming))


@catalogue_app.command("show")
def catalogue_show(dataset: str, config: ConfigOption = None, root: RootOption = None) -> None:
    """Show one dataset whole."""
    from lcr_hpc.spine.catalogue import show_dataset

    print(show_dataset(_night(config, root)[1].incoming, dataset))


@catalogue_app.command("search")
def catalogue_search(text: str, config: ConfigOption = None, root: RootOption = None) -> None:
    """Search the datasets' titles, purposes and columns."""
    from lcr_hpc.spine.catalogue import search_datasets

    print(search_datasets(_night(config, root)[1].incoming, text))


def _night(config: Path | None, root: Path | None) -> tuple[Config, Layout]:
    from lcr_hpc.config import load_config
    from lcr_hpc.store.layout import layout_of

    loaded = load_config(config)
    return loaded, layout_of(loaded, root)


def _say_comparison(config: Path | None, root: Path | None) -> bool:
    """Print the comparison of the night's release; False where there is none."""
    from lcr_hpc.night.stages import snapshot
    from lcr_hpc.publish.report.comparison import comparison_text, read_comparison

    released = snapshot(_night(config, root)[1])
    table = read_comparison(released) if released else None
    if table is None:
        return False
    print(comparison_text(table))
    return True


def _map_stage(stage: Any, config: Path | None, root: Path | None) -> None:
    from lcr_hpc.compute.backends import open_backend

    loaded, layout = _night(config, root)
    compute = loaded.compute
    with open_backend(
        compute.backend,
        workers=compute.workers,
        scratch=layout.run_dir / "scratch",
        slurm_workers=compute.slurm_workers,
    ) as backend:
        stage(loaded, layout, backend)


def _describe(error: OSError) -> str:
    where = f" {error.filename}" if error.filename else ""
    advice = {
        28: "the disk is full; free some space and continue with `lcr resume`",
        30: "the file system is read-only; choose another folder with --root",
        13: "permission denied; choose a folder that you may write with --root",
        122: "the disk quota is used up; free some space and continue with `lcr resume`",
    }.get(error.errno or 0, f"{error.strerror or error}")
    return f"{where.strip()}: {advice}" if where else advice


if __name__ == "__main__":
    main()
