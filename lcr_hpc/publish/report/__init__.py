"""report.html: one file that holds a night, with nothing to fetch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from lcr_hpc.publish.gate import Clearance
    from lcr_hpc.store.layout import Layout


def write_report(
    path: Path, layout: Layout, tables: Mapping[str, pd.DataFrame], summary: Mapping[str, Any], cleared: Clearance
) -> None:
    """Write the report of a night.

    Parameters
    ----------
    path : Path
        The file.
    layout : Layout
        Night and scenario.
    tables : mapping of str to DataFrame
        Every table of the snapshot, by name: the report shows nothing that is not in them.
    summary : mapping
        From `lcr_hpc.publish.summary.summarise`.
    cleared : Clearance
        From the gate: the datasets and stores behind it all.
    """
    # Here, since every `lcr run` ends with a look at this package for a comparison, and mostly there is none: 1.2 s.
    import jinja2

    from lcr_hpc.publish.report.context import report_context
    from lcr_hpc.store.manifest import write_text

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("lcr_hpc.publish.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    # Compact JSON: the maps' data is most of the file.
    environment.policies["json.dumps_kwargs"] = {"sort_keys": True, "separators": (",", ":"), "ensure_ascii": False}
    template = environment.get_template("report.html.j2")
    write_text(path, template.render(report_context(layout, tables, summary, cleared)))
