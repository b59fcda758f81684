"""Draw what `scaling.py` found: seconds of each stage against ranks or workers, measured and modelled.

`PEER/bin/python benchmarks/scaling_plot.py scaling.json docs/images/scaling.svg`, where the peers' environment has
matplotlib.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "lcr-hpc"  # the same bytes for the same figures

from matplotlib import pyplot  # noqa: E402

COLOURS = {"ingest": "#7a4fa0", "traffic": "#1b6ca8", "carbon": "#b5442e", "health": "#3c7a3f"}


def main(found: Path, picture: Path) -> None:
    """Two panels: strong scaling with the model to 1,024, and weak scaling as measured."""
    stages = json.loads(found.read_text())
    figure, (strong, weak) = pyplot.subplots(1, 2, figsize=(10, 4), width_ratios=(2, 1), layout="constrained")
    for stage, row in stages.items():
        seconds, colour, numbers = row["seconds"], COLOURS[stage], (1, 2, 4)
        model = {int(n): t for n, t in row["model"].items()}
        strong.plot(numbers, [seconds[f"strong {n}"] for n in numbers], "o", color=colour)
        strong.plot(model.keys(), model.values(), "-", color=colour, label=stage)
        weak.plot(numbers, [seconds["weak 1"] / seconds[f"weak {n}"] for n in numbers], "o-", color=colour)
    cores = next(iter(stages.values()))["cores"]
    strong.set(xscale="log", yscale="log", xlabel="ranks or workers", ylabel="seconds of a stage")
    strong.set_title(f"The same night: points measured on {cores} cores, lines modelled", fontsize=10)
    strong.set_xticks([1, 2, 4, 16, 64, 256, 1024], labels=["1", "2", "4", "16", "64", "256", "1,024"])
    strong.set_yticks([2, 5, 10, 20, 50], labels=["2", "5", "10", "20", "50"])
    strong.axvspan(cores * 1.2, 5, color="#eee", label="oversubscribed")
    strong.legend(fontsize=8)
    weak.set(xlabel="ranks or workers", ylabel="efficiency", ylim=(0, 1.1), xticks=[1, 2, 4])
    weak.set_title("As many areas a worker: measured", fontsize=10)
    weak.axvspan(cores * 1.2, 4.2, color="#eee")
    for panel in (strong, weak):
        panel.minorticks_off()
        panel.grid(color="#ddd", linewidth=0.5)
    figure.savefig(picture, metadata={"Date": None})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
