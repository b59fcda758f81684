"""Strong and weak scaling of each stage at 1, 2 and 4 ranks or workers; a model of 16 to 1,024 from measured parts.

    .venv/bin/python benchmarks/scaling.py --scratch FOLDER --out scaling.json [--stages carbon health] [--areas 988]
    PEER/bin/python benchmarks/scaling_plot.py scaling.json docs/images/scaling.svg      # needs matplotlib

Nights of a quarter, a half and all of the areas are run once. Then each stage runs again alone, as the workflow starts
it, in copies of their folders: start of interpreter, workers and ranks is in the clock, compiling is not, and
fingerprints must be equal before a time counts. Control: two copies of the serial stage at once, for two virtual CPUs
are not two free cores. More ranks or workers than cores are oversubscribed, and said so.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml
from scaling_model import modelled

COMMANDS = {"ingest": "spine ingest", "traffic": "traffic", "carbon": "carbon", "health": "health"}
NUMBERS = (1, 2, 4)


def main() -> None:
    """Measure the stages asked for and write what was found."""
    options = _options()
    found: dict[str, Any] = json.loads(options.out.read_text()) if options.out.exists() else {}
    for stage in options.stages:
        found[stage] = _measure(stage, options)
        _show(stage, found[stage])
        options.out.write_text(json.dumps(found, indent=1) + "\n")


def _measure(stage: str, options: argparse.Namespace) -> dict[str, Any]:
    """Medians of the turns of a stage, in seconds of the clock, and the model."""
    nights = {n: _night(options, options.areas * n // max(NUMBERS)) for n in NUMBERS}
    whole = nights[max(NUMBERS)]
    ways = {f"strong {n}": (whole, n, 1) for n in NUMBERS} | {"copies": (whole, 1, 2)}
    ways |= {f"weak {n}": (nights[n], n, 1) for n in NUMBERS[:-1]}
    turns: dict[str, list[float]] = {way: [] for way in ways}
    load = os.getloadavg()[0]
    for _ in range(options.repeats):
        for way, (root, number, copies) in ways.items():
            turns[way].append(_once(stage, root, number, copies))
            print(stage, way, f"{turns[way][-1]:.2f} s", flush=True)
    seconds = {way: statistics.median(taken) for way, taken in turns.items()}
    seconds[f"weak {max(NUMBERS)}"] = seconds[f"strong {max(NUMBERS)}"]
    parts_of = _fresh(stage, whole, "parts")
    parts = _asked("scaling_model.py", stage, parts_of, whole.with_suffix(".yaml"))
    shutil.rmtree(parts_of)
    return {
        "areas": options.areas,
        "cores": os.cpu_count(),
        "load_before": load,
        "repeats": options.repeats,
        "seconds": seconds,
        "parts": parts,
        "model": {n: modelled(parts, n) for n in (*NUMBERS, 16, 64, 256, 1024)},
    }


def _night(options: argparse.Namespace, areas: int) -> Path:
    """Root of a night of so many areas, run if it was not."""
    root = options.scratch / f"areas-{areas}"
    config = root.with_suffix(".yaml")
    options.scratch.mkdir(parents=True, exist_ok=True)
    config.write_text(yaml.safe_dump({"name": root.name, "twin": {"areas": areas}}))
    subprocess.run([*_LCR, "run", "health", "--config", config, "--root", root], check=True, stdout=subprocess.DEVNULL)
    return root


def _once(stage: str, root: Path, number: int, copies: int) -> float:
    """Seconds until all copies of a stage have ended, their results the same bytes as the night's."""
    roots = [_fresh(stage, root, f"copy{k}") for k in range(copies)]
    commands = [_command(stage, root, copy, number) for copy in roots]
    began = time.perf_counter()
    running = [subprocess.Popen(c, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for c in commands]
    said = [process.communicate()[1] for process in running]
    took = time.perf_counter() - began
    for process, words, copy in zip(running, said, roots, strict=True):
        if process.returncode:
            raise SystemExit(words)
        for path in _manifests(stage, root):
            ours, theirs = (json.loads(p.read_text())["fingerprint"] for p in (path, copy / path.relative_to(root)))
            assert ours == theirs, f"{path.name} differs with {number}"
        shutil.rmtree(copy)
    return took


def _command(stage: str, root: Path, copy: Path, number: int) -> list[str]:
    """How the workflow would start it."""
    settings = yaml.safe_load(root.with_suffix(".yaml").read_text())
    settings["compute"] = {"backend": "dask" if number > 1 else "serial", "workers": number}
    (config := copy / "scaling.yaml").write_text(yaml.safe_dump(settings))
    command = [*_LCR, *COMMANDS[stage].split(), "--config", str(config), "--root", str(copy)]
    mpi = stage == "traffic" and number > 1
    return [str(Path(sys.executable).with_name("mpiexec")), "-n", str(number), *command] if mpi else command


def _fresh(stage: str, root: Path, name: str) -> Path:
    """A copy of a root by hard links, without what the stage has written: writers replace files.

    Journals alone are added to, so an ingest's are taken away.
    """
    copy = root.with_name(f"{root.name}-{name}")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(root, copy, copy_function=os.link)
    for path in _manifests(stage, copy):
        path.unlink()
        shutil.rmtree(path.with_suffix(".zarr"))
    if stage == "ingest":
        for journals in (copy / "spine" / "ledger", copy / "run" / "prints"):
            shutil.rmtree(journals, ignore_errors=True)
    return copy


def _manifests(stage: str, root: Path) -> list[Path]:
    if stage == "ingest":
        return sorted(p for p in (root / "spine").glob("*.json") if p.with_suffix(".zarr").is_dir())
    return list((root / "nights").glob(f"*/base/{stage}.json"))


def _asked(script: str, *words: object) -> Any:
    """What a script beside this one says on its last line, run with one thread as a worker would be."""
    command = [sys.executable, Path(__file__).with_name(script), *words]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    said = subprocess.run([str(c) for c in command], env=environment, capture_output=True, text=True, check=True)
    return json.loads(said.stdout.splitlines()[-1])


def _show(stage: str, row: dict[str, Any]) -> None:
    seconds, cores = row["seconds"], row["cores"]
    alone = seconds["strong 1"]
    copies = 2 * alone / seconds["copies"]
    print(f"{stage}, {row['areas']} areas, {cores} cores, load {row['load_before']:.1f} before, {row['repeats']} turns")
    for n in NUMBERS:
        strong, weak = seconds[f"strong {n}"], seconds[f"weak {n}"]
        print(
            f"  {n}{' (oversubscribed)' if n > cores else ''}: strong {strong:.1f} s, speed-up {alone / strong:.2f}; "
            f"weak {weak:.1f} s, efficiency {seconds['weak 1'] / weak:.2f}; model {row['model'][n]:.1f} s"
        )
    print(f"  two copies at once {seconds['copies']:.1f} s, speed-up {copies:.2f}; ", end="")
    print(f"two reach {100 * alone / seconds['strong 2'] / copies:.0f} % of it")
    print("  model:", ", ".join(f"{n}: {t:.1f} s" for n, t in row["model"].items() if n > max(NUMBERS)))


def _options() -> argparse.Namespace:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--scratch", type=Path, required=True)
    given.add_argument("--out", type=Path, required=True)
    given.add_argument("--areas", type=int, default=988)
    given.add_argument("--repeats", type=int, default=3)
    given.add_argument("--stages", nargs="+", choices=COMMANDS, default=list(COMMANDS))
    return given.parse_args()


_LCR = [sys.executable, "-m", "lcr_hpc.cli"]


if __name__ == "__main__":
    main()
