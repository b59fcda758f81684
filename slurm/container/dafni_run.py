"""One night as DAFNI runs a model: parameters from the environment, files and results below /data.

LCR_DATA=./data NIGHT=2025-10-15 AREAS=100 python slurm/container/dafni_run.py
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

import yaml

PARAMETERS = {
    "NIGHT": (("night",), str),
    "AREAS": (("twin", "areas"), int),
    "RELATIVE_GAP": (("traffic", "relative_gap"), float),
    "FLEET_YEAR": (("carbon", "fleet_year"), int),
    "DRAWS": (("health", "draws"), int),
}
"""Environment variable to the setting that it changes and its type; dafni.yaml has the same names."""


def main() -> None:
    """Run the night of the environment's parameters; copy its release to outputs/release."""
    data = Path(os.environ.get("LCR_DATA", "/data"))
    os.environ.setdefault("LCR_FEEDS", str(data / "inputs" / "feeds"))
    with tempfile.TemporaryDirectory(prefix="lcr-dafni-") as folder:
        root, config = Path(folder) / "root", Path(folder) / "dafni.yaml"
        config.write_text(yaml.safe_dump(settings(data / "inputs" / "config", os.environ)), encoding="utf-8")
        lcr = [sys.executable, "-m", "lcr_hpc.cli"]
        code = subprocess.run([*lcr, "run", "--config", config, "--root", root], check=False).returncode
        if code:
            sys.exit(code)
        shutil.copytree((root / "published" / "latest").resolve(), data / "outputs" / "release", dirs_exist_ok=True)


def settings(folder: Path, environment: Any) -> dict[str, Any]:
    """Settings of the one YAML file in a folder, if there is one, with the parameters on top."""
    files = sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])
    if len(files) > 1:
        stop(f"found {len(files)} YAML files in {folder}, wanted one: {', '.join(f.name for f in files)}")
    chosen: dict[str, Any] = (yaml.safe_load(files[0].read_text(encoding="utf-8")) or {}) if files else {}
    for name, (path, kind) in PARAMETERS.items():
        if not (said := environment.get(name, "").strip()):
            continue
        try:
            value = kind(said)
        except ValueError:
            stop(f"{name} is {said!r}, wanted a number such as the default that dafni.yaml names")
        section = chosen
        for part in path[:-1]:
            section = section.setdefault(part, {})
        section[path[-1]] = value
    return chosen


def stop(problem: str) -> NoReturn:
    """Say what a person can mend, and end as `lcr` does."""
    print(f"lcr: {problem}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
