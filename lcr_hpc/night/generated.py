"""Write the files that are made from code, so that they never disagree with it; a test fails on drift."""

from __future__ import annotations

from pathlib import Path

from lcr_hpc.config import Config, config_schema, dump_config, project_dir
from lcr_hpc.store.variables import REGISTRY


def generated_files() -> dict[str, str]:
    """Return each generated file's path in the project, and its text."""
    note = "made from code by `make generated`; do not edit"
    return {
        "configs/default.yaml": f"# {note}. Every setting with its default; your own file needs only what differs.\n"
        + dump_config(Config()),
        "configs/schema.json": config_schema(),
        "docs/data-dictionary.md": f"<!-- {note} -->\n" + data_dictionary(),
    }


def data_dictionary() -> str:
    """Return the data dictionary as Markdown: a table a store, made from the variable registry."""
    lines = [
        "# Data dictionary",
        "",
        "Every variable that a store may hold. A shard is the unit that one writer owns; a dimension without one is a "
        "single shard.",
    ]
    for store, variables in REGISTRY.items():
        lines += [
            "",
            f"## {store}",
            "",
            "| variable | dimensions | type | unit | shard | meaning |",
            "|---|---|---|---|---|---|",
        ]
        for v in variables.values():
            shard = ", ".join(f"{d} {n}" for d, n in v.shard.items() if d in v.dims)
            meaning = v.meaning + (
                f" ({v.attrs['flag_meanings'].replace(' ', ', ')})" if "flag_meanings" in v.attrs else ""
            )
            lines.append(f"| `{v.name}` | {', '.join(v.dims)} | {v.dtype} | {v.units} | {shard} | {meaning} |")
    return "\n".join(lines) + "\n"


def write_generated(folder: Path) -> None:
    """Write every generated file under a project folder."""
    for name, text in generated_files().items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_generated(project_dir())
