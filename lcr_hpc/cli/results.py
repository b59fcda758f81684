"""What became of a night: appraisal, verification, comparison with published figures, rollback."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lcr_hpc.cli.app import ConfigOption, JsonOption, RootOption, app, night_of
from lcr_hpc.errors import InputError


@app.command("appraise")
def appraise_scenario(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario that has been run for the night")],
    base: Annotated[str, typer.Option(help="Scenario that it is held against")] = "base",
    config: ConfigOption = None,
    root: RootOption = None,
    out: Annotated[Path | None, typer.Option(help="CSV of who gains and who loses, a row a measure")] = None,
    costs_out: Annotated[Path | None, typer.Option(help="CSV of costs and benefits, a row an item")] = None,
    json: JsonOption = False,
) -> None:
    """Say who gains and who loses in a scenario, and what it costs and is worth with the prices of `appraisal`."""
    from lcr_hpc.appraisal.assess import as_json, assess_scenario, describe_worth
    from lcr_hpc.appraisal.compare import as_table, compare_scenarios, describe

    loaded, layout = night_of(config, root)
    found = compare_scenarios(layout, base, scenario)
    worth, year = assess_scenario(loaded, layout, base, scenario)
    if out is not None:
        as_table(found).to_csv(out, index=False)
    if costs_out is not None:
        worth.table.to_csv(costs_out, index=False)
    if json:
        print(as_json(worth, year, as_table(found), scenario, base))
        return
    print(describe(found, base, scenario) + "\n")
    print(describe_worth(worth, year, scenario, base, loaded.appraisal.last_year))


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
    if not say_comparison(config, root):
        published = night_of(config, root)[1].published
        raise InputError(
            f"{published} has no release of this night with published figures; name some under "
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

    published = night_of(config, root)[1].published
    print(f"{published / 'latest'} is {point_back(published, snapshot)} now")


def say_comparison(config: Path | None, root: Path | None) -> bool:
    """Print the comparison of the night's release; False where there is none."""
    from lcr_hpc.night.stages import snapshot
    from lcr_hpc.publish.report.comparison import comparison_text, read_comparison

    released = snapshot(night_of(config, root)[1])
    table = read_comparison(released) if released else None
    if table is None:
        return False
    print(comparison_text(table))
    return True
