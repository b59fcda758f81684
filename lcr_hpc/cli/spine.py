"""The Digital Spine: the twin's feeds, landing and reading of feeds, the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from lcr_hpc.cli.app import ConfigOption, JsonOption, RootOption, app, night_of
from lcr_hpc.cli.stages import map_stage
from lcr_hpc.errors import InputError

ExportFormat = Literal["dcat", "datacite"]
spine_app = typer.Typer(invoke_without_command=True, help="Feeds in, checked Zarr stores out.")
catalogue_app = typer.Typer(no_args_is_help=True, help="The datasets of a root: what they are, and under which terms.")
app.add_typer(spine_app, name="spine")
app.add_typer(catalogue_app, name="catalogue")


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

    run_twin(*night_of(config, root))


@spine_app.command("ingest")
def spine_ingest(config: ConfigOption = None, root: RootOption = None) -> None:
    """Read the landed feeds into the spine's stores."""
    from lcr_hpc.spine.stage import run_ingest

    map_stage(run_ingest, config, root)


@spine_app.command("compact")
def spine_compact(
    store: Annotated[str, typer.Argument(help="counts, air, weather or energy")],
    config: ConfigOption = None,
    root: RootOption = None,
) -> None:
    """Write a snapshot of a store of days with a shard a month, checked value by value; the day store stays."""
    from lcr_hpc.spine.compact import compact

    print(compact(night_of(config, root)[1], store))


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


@spine_app.command("audit")
def spine_audit(config: ConfigOption = None, root: RootOption = None, json: JsonOption = False) -> None:
    """Say what is there of the feeds, how complete, how fresh and how unusual it is, by feed and district."""
    from lcr_hpc.spine.audit.command import audit_night, describe

    layout = night_of(config, root)[1]
    print(describe(audit_night(layout), layout.night, as_json=json))


@spine_app.command("contract")
def spine_contract(
    dataset: Annotated[str, typer.Argument(help="Name of a dataset; `lcr catalogue list` has those that landed")],
    file: Annotated[Path | None, typer.Option(help="A CSV of the feed: the table schema of its own columns")] = None,
) -> None:
    """Print what a feed must hold, as Frictionless table schemas; any Frictionless tool checks a file by it."""
    from lcr_hpc.spine.contract import as_text, contract, contract_of_file

    print(as_text(contract(dataset) if file is None else contract_of_file(dataset, file)))


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


@catalogue_app.command("list")
def catalogue_list(config: ConfigOption = None, root: RootOption = None) -> None:
    """List the datasets."""
    from lcr_hpc.spine.catalogue import list_datasets

    print(list_datasets(night_of(config, root)[1].incoming))


@catalogue_app.command("show")
def catalogue_show(
    dataset: str, config: ConfigOption = None, root: RootOption = None, json: JsonOption = False
) -> None:
    """Show one dataset whole."""
    from lcr_hpc.spine.catalogue import show_dataset

    print(show_dataset(night_of(config, root)[1].incoming, dataset, as_json=json))


@catalogue_app.command("search")
def catalogue_search(text: str, config: ConfigOption = None, root: RootOption = None) -> None:
    """Search the datasets' titles, purposes and columns."""
    from lcr_hpc.spine.catalogue import search_datasets

    print(search_datasets(night_of(config, root)[1].incoming, text))


@catalogue_app.command("export")
def catalogue_export(
    form: Annotated[ExportFormat, typer.Option("--format", help="dcat: JSON-LD; datacite: JSON records")] = "dcat",
    out: Annotated[Path | None, typer.Option(help="Folder for it, and for the contracts that it names")] = None,
    base: Annotated[str, typer.Option(help="Web address of <root>/spine/; else paths are relative to it")] = "",
    config: ConfigOption = None,
    root: RootOption = None,
) -> None:
    """Write the catalogue for other catalogues: DCAT-3 in JSON-LD, or DataCite metadata."""
    from lcr_hpc.spine.export import export_catalogue, write_export

    layout = night_of(config, root)[1]
    if out is None:
        print(export_catalogue(layout, form, base))
    else:
        print(write_export(layout, form, base, out))
