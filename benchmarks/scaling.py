"""Strong and weak scaling of each stage at 1, 2 and 4 ranks or workers, and a model of 16 to 1,024 from measured parts.

    .venv/bin/python benchmarks/scaling.py --scratch FOLDER [--areas 988] [--out benchmarks/scaling]

Nights of a quarter, a half and all of the areas are run once; then each stage alone runs again in copies of their
folders, as the workflow would start it: start of the interpreter and of the workers is in the clock, compiling is not.
Fingerprints must be equal before any time counts. Control: two copies of the serial stage at once, since two virtual
CPUs are not two free cores. Four ranks or workers on two cores are oversubscribed, and said so.

The model knows no fitted constant: it spreads the measured processor seconds of each slab over p workers in the order
in which they are handed out, adds the measured time outside the maps and the measured start of workers, and so shows
where slabs run out. Traffic's own model, by messages and origins, is in docs/models/traffic.md.
"""

from __future__ import annotations

import argparse
import heapq
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import yaml

STAGES = {"ingest": "spine ingest", "traffic": "traffic", "carbon": "carbon", "health": "health"}
NUMBERS, MODELLED = (1, 2, 4), (16, 64, 256, 1024)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--scratch", type=Path, required=True)
    given.add_argument("--areas", type=int, default=988)
    given.add_argument("--stages", nargs="+", default=list(STAGES))
    given.add_argument("--out", type=Path)
    given.add_argument("--parts", help=argparse.SUPPRESS)
    options = given.parse_args()
    if options.parts:
        print(json.dumps(parts(options.parts, options.scratch)))
        return
    found = {stage: measure(stage, options) for stage in options.stages}
    for stage, row in found.items():
        show(stage, row)
    if options.out:
        options.out.with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n")
        options.out.with_suffix(".svg").write_text(plot(found))


def measure(stage: str, options) -> dict:
    nights = {p: night(options, options.areas * p // max(NUMBERS)) for p in NUMBERS}
    whole = nights[max(NUMBERS)]
    row: dict = {"areas": options.areas, "cores": os.cpu_count(), "load": os.getloadavg()[0]}
    row["strong"] = {p: once(stage, whole, p)["wall"] for p in NUMBERS}
    row["weak"] = {p: once(stage, nights[p], p)["wall"] for p in NUMBERS}
    begun = time.perf_counter()
    for running in [start(stage, whole, 1, f"copy{k}") for k in range(2)]:
        finish(*running)
    row["two_copies"] = time.perf_counter() - begun
    if stage != "traffic":
        root = fresh(stage, whole, "parts")
        asked = [sys.executable, __file__, "--parts", stage, "--scratch", str(root)]
        row["parts"] = json.loads(
            subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
        )
        row["start_s"] = max(0.0, row["strong"][2] - model(row["parts"], 2, 0.0))
        row["model"] = {p: model(row["parts"], p, row["start_s"]) for p in (*NUMBERS, *MODELLED)}
    return row


def night(options, areas: int) -> Path:
    """Root of a night of so many areas, run if it was not."""
    root = options.scratch / f"areas-{areas}"
    config = root.with_suffix(".yaml")
    root.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(yaml.safe_dump({"twin": {"areas": areas}, "traffic": {"origin_blocks": 4}}))
    lcr("run", "health", "--config", config, "--root", root)
    return root


def once(stage: str, root: Path, workers: int) -> dict[str, float]:
    return finish(*start(stage, root, workers, "once"))


def start(stage: str, root: Path, workers: int, name: str):
    """Start a stage alone in a copy of a root; what must come of it, and when it began."""
    copy = fresh(stage, root, name)
    config = copy / "scaling.yaml"
    settings = yaml.safe_load(root.with_suffix(".yaml").read_text())
    mapped = stage != "traffic" and workers > 1
    settings["compute"] = {"backend": "dask" if mapped else "serial", "workers": workers, "ranks": workers}
    settings["name"] = root.name
    config.write_text(yaml.safe_dump(settings))
    command = [sys.executable, "-m", "lcr_hpc.cli", *STAGES[stage].split(), "--config", config, "--root", copy]
    if stage == "traffic" and workers > 1:
        command = [Path(sys.executable).with_name("mpiexec"), "-n", workers, *command]
    began = time.perf_counter()
    process = subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return process, began, stage, root, copy


def finish(process, began: float, stage: str, root: Path, copy: Path) -> dict[str, float]:
    _, said = process.communicate()
    took = time.perf_counter() - began
    assert process.returncode == 0, said
    for path in manifests(stage, root):
        same = json.loads(path.read_text())["fingerprint"]
        made = json.loads((copy / path.relative_to(root)).read_text())["fingerprint"]
        assert same == made, f"{path.name} differs"
    shutil.rmtree(copy)
    return {"wall": took, "cpu": resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime}


def fresh(stage: str, root: Path, name: str) -> Path:
    """A copy of a root by hard links, without what the stage has written: writers replace files, never change them."""
    copy = root.with_name(f"{root.name}-{name}")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(root, copy, copy_function=os.link)
    for path in manifests(stage, root):
        (copy / path.relative_to(root)).unlink()
        shutil.rmtree(copy / path.relative_to(root).with_suffix(".zarr"))
    if stage == "ingest":
        shutil.rmtree(copy / "spine" / "ledger", ignore_errors=True)
    return copy


def manifests(stage: str, root: Path) -> list[Path]:
    if stage == "ingest":
        return sorted(p for p in (root / "spine").glob("*.json") if p.with_suffix(".zarr").is_dir())
    return list((root / "nights").glob(f"*/base/{stage}.json"))


def parts(stage: str, root: Path) -> dict:
    """Processor seconds of each slab of each map of a stage, and seconds outside the maps; on a worker, one thread."""
    from lcr_hpc.compute.kernel_cache import use_kernel_cache

    use_kernel_cache()
    from lcr_hpc.carbon.stage import run_carbon
    from lcr_hpc.config import load_config
    from lcr_hpc.health.stage import run_health
    from lcr_hpc.spine.stage import run_ingest
    from lcr_hpc.store.layout import layout_of

    maps: list[list[float]] = []

    class Timed:
        """A backend that notes the processor seconds of each slab."""

        def map(self, function, items):
            results, seconds = [], []
            for item in items:
                before = time.process_time()
                results.append(function(item))
                seconds.append(time.process_time() - before)
            maps.append(seconds)
            return results

    config = load_config(root.with_name(root.name.rsplit("-", 1)[0]).with_suffix(".yaml"))
    run = {"ingest": run_ingest, "carbon": run_carbon, "health": run_health}[stage]
    before = time.process_time()
    run(config, layout_of(config, root), Timed())
    total = time.process_time() - before
    inside = sum(sum(m) for m in maps)
    return {"maps": maps, "outside_s": max(0.0, total - inside)}


def model(found: dict, workers: int, start_s: float) -> float:
    """Seconds of a stage: slabs go to whichever worker is free, map after map, and the rest is serial."""
    total = found["outside_s"] + (start_s if workers > 1 else 0.0)
    for slabs in found["maps"]:
        free = [0.0] * workers
        for seconds in slabs:
            heapq.heappush(free, heapq.heappop(free) + seconds)
        total += max(free)
    return total


def show(stage: str, row: dict) -> None:
    strong, weak = row["strong"], row["weak"]
    copies = 2 * strong[1] / row["two_copies"]
    print(f"{stage}, {row['areas']} areas, {row['cores']} cores, load {row['load']:.1f} before")
    for p in NUMBERS:
        over = " (oversubscribed)" if p > row["cores"] else ""
        print(
            f"  {p}{over}: strong {strong[p]:.1f} s, speed-up {strong[1] / strong[p]:.2f}; "
            f"weak {weak[p]:.1f} s, efficiency {weak[1] / weak[p]:.2f}"
        )
    print(f"  control: two copies at once {row['two_copies']:.1f} s, speed-up {copies:.2f}; ", end="")
    print(f"two reach {100 * strong[1] / strong[2] / copies:.0f} % of it")
    if "model" in row:
        told = ", ".join(f"{p}: {row['model'][p]:.1f} s" for p in (*NUMBERS, *MODELLED))
        slabs = [len(m) for m in row["parts"]["maps"]]
        print(f"  model: {told}; slabs {slabs}, outside the maps {row['parts']['outside_s']:.1f} s")


def plot(found: dict) -> str:
    """Seconds against workers, both axes logarithmic: points measured, lines modelled."""
    from math import log2

    rows = [r for r in found.values() if "model" in r]
    seconds = [t for r in rows for t in (*r["model"].values(), *r["strong"].values())] or [1.0]
    low, high = log2(min(seconds)), log2(max(seconds)) + 0.2
    colours = ("#1b6ca8", "#b5442e", "#3c7a3f", "#7a4fa0")

    def at(p: float, t: float) -> str:
        return f"{60 + 56 * log2(p):.1f},{360 - 320 * (log2(t) - low) / (high - low or 1):.1f}"

    lines = []
    for (stage, row), colour in zip(found.items(), colours, strict=False):
        if "model" in row:
            points = " ".join(at(p, row["model"][p]) for p in (*NUMBERS, *MODELLED))
            lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
            end = at(MODELLED[-1], row["model"][MODELLED[-1]]).split(",")
            lines.append(f'<text x="{float(end[0]) + 6}" y="{float(end[1]) + 4}" fill="{colour}">{stage}</text>')
            for p in NUMBERS:
                x, y = at(p, row["strong"][p]).split(",")
                lines.append(f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>')
    for p in (*NUMBERS, *MODELLED):
        x = at(p, 2**low).split(",")[0]
        lines.append(f'<text x="{x}" y="380" text-anchor="middle">{p}</text>')
    for k in range(int(low), int(high) + 1):
        if low <= k <= high:
            y = float(at(1, 2.0**k).split(",")[1])
            lines.append(f'<line x1="60" x2="620" y1="{y}" y2="{y}" stroke="#ddd"/>')
            lines.append(f'<text x="54" y="{y + 4}" text-anchor="end">{2.0**k:g} s</text>')
    lines.append('<text x="340" y="398" text-anchor="middle">workers; points measured, lines modelled</text>')
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 700 405" font-family="sans-serif" font-size="12">'
        '<rect width="700" height="405" fill="#fff"/>' + "".join(reversed(lines)) + "</svg>\n"
    )


def lcr(*words: object) -> None:
    command = [str(w) for w in (sys.executable, "-m", "lcr_hpc.cli", *words)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
