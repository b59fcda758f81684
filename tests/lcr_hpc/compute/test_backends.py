"""The same results in the same order from every backend, and the same words when an item fails."""

from __future__ import annotations

import logging
import os
import signal
import sys
from pathlib import Path

import cloudpickle
import pytest

from lcr_hpc.compute.backends import Backend, open_backend
from lcr_hpc.errors import InputError, LaunchError

# Workers cannot import a test module: what it defines is sent along.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


def square(number: int) -> int:
    return number * number


def refuse_three(number: int) -> int:
    if number == 3:
        raise InputError("slab 3: negative flow", field="link_flow_veh_h")
    return number


def divide(number: int) -> float:
    return 1 / number


def environment_of(_: int) -> tuple[int, int, str | None]:
    import numba

    return os.getpid(), numba.get_num_threads(), os.environ.get("NUMBA_THREADING_LAYER")


def die_the_first_time(mark: Path) -> str:
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return f"done after {mark.name}"
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


@pytest.fixture(scope="module", params=("serial", "dask"))
def backend(request, tmp_path_factory):
    # The workers of this process tree die on purpose below, and Dask logs each of them as a warning.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with open_backend(request.param, workers=2, scratch=tmp_path_factory.mktemp("scratch") / "new") as opened:
        yield opened


def test_results_come_in_the_order_of_the_items(backend: Backend):
    numbers = [5, 3, 3, 9, 0, 1]
    assert backend.map(square, numbers) == [25, 9, 9, 81, 0, 1]


def test_no_items_no_results(backend: Backend):
    assert backend.map(square, []) == []


def test_a_second_map_is_computed_again(backend: Backend, tmp_path):
    # A result taken from Dask's memory instead would leave the second slab unwritten.
    log = tmp_path / "calls"
    for _ in range(2):
        backend.map(log_call, [log])
    assert log.read_text() == "xx"


def log_call(path: Path) -> None:
    with path.open("a") as file:
        file.write("x")


def test_an_item_that_fails_is_named(backend: Backend):
    with pytest.raises(InputError, match=r"^item 3 of 4: slab 3: negative flow$") as caught:
        backend.map(refuse_three, [1, 2, 3, 4])
    assert caught.value.field == "link_flow_veh_h"
    assert backend.map(square, [4]) == [16]  # and the backend lives on


def test_a_fault_of_the_program_keeps_its_type(backend: Backend):
    with pytest.raises(ZeroDivisionError) as caught:
        backend.map(divide, [1, 0])
    assert getattr(caught.value, "__notes__", []) == ["while computing item 2 of 2"]


def test_dask_workers_are_processes_of_one_thread_each(tmp_path):
    with open_backend("dask", workers=2, scratch=tmp_path) as backend:
        seen = backend.map(environment_of, list(range(8)))
        assert os.getpid() not in {pid for pid, _, _ in seen}
        assert {(threads, layer) for _, threads, layer in seen} == {(1, "omp")}
        assert list(tmp_path.iterdir())  # what workers spill goes where it was told to
    assert list(tmp_path.iterdir()) == []
    assert not [pid for pid, _, _ in seen if Path(f"/proc/{pid}/cmdline").exists() and _alive(pid)]


def _alive(pid: int) -> bool:
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_the_item_of_a_worker_that_dies_is_computed_elsewhere(tmp_path):
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with open_backend("dask", workers=2, scratch=tmp_path / "scratch") as backend:
        marks = [tmp_path / "a", tmp_path / "b"]
        assert backend.map(die_the_first_time, marks) == ["done after a", "done after b"]


def test_what_workers_cannot_import_is_an_error_and_not_a_hang(tmp_path, monkeypatch):
    (tmp_path / "only_here.py").write_text("def twice(number):\n    return 2 * number\n")
    monkeypatch.syspath_prepend(tmp_path)
    import only_here

    monkeypatch.setattr(sys, "path", sys.path[1:])
    with open_backend("dask") as backend, pytest.raises(LaunchError, match=r"cannot import .*only_here"):
        backend.map(only_here.twice, [1, 2])


def test_an_unknown_kind_names_the_known_ones():
    with (
        pytest.raises(LaunchError, match=r"'dusk' is unknown, wanted one of: serial, dask, dask-slurm"),
        open_backend("dusk"),
    ):
        pass


def test_no_workers_is_refused():
    with pytest.raises(LaunchError, match="0 workers"), open_backend("dask", workers=0):
        pass
