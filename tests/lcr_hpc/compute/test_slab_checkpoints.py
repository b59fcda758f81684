"""A map that was stopped goes on with the slabs that have no mark, and takes no mark for what it is not."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from lcr_hpc.compute.backends import SerialBackend
from lcr_hpc.compute.slab_checkpoints import SlabCheckpoints


class Interrupted(Exception):
    """Stands for a kill."""


class Slabs:
    """Computes squares, notes which, and is interrupted at some number once."""

    def __init__(self, at: int | None = None) -> None:
        self.at, self.computed = at, []

    def __call__(self, number: int) -> dict[str, float]:
        if number == self.at:
            raise Interrupted
        self.computed.append(number)
        return {"square": number * number, "root": math.sqrt(number)}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "carbon.zarr"
    path.mkdir()
    (path / "zarr.json").write_text("{}")
    return path


def opened(store: Path, identity: str = "night", seconds: float = 0.0) -> SlabCheckpoints:
    return SlabCheckpoints(SerialBackend(), store.parent / "carbon.slabs", store, identity, seconds)


def interrupt(store: Path, **options: float) -> None:
    with pytest.raises(Interrupted):
        opened(store, **options).map(Slabs(at=3), range(6))


def test_only_what_was_not_done_is_computed(store, capsys):
    interrupt(store)
    again = Slabs()
    opened(store).map(again, range(6))
    assert again.computed == [3, 4, 5]
    assert "3 of 6 slabs are there from the run before" in capsys.readouterr().err


def test_results_are_those_of_an_undisturbed_map(store):
    interrupt(store)
    assert opened(store).map(Slabs(), range(6)) == SerialBackend().map(Slabs(), range(6))


def test_another_identity_begins_anew_and_forgets_the_first(store):
    interrupt(store)
    interrupt(store, identity="other settings")
    back = Slabs()
    opened(store).map(back, range(6))
    assert back.computed == list(range(6))


def test_a_store_that_was_made_anew_has_no_slabs(store):
    interrupt(store)
    (store / "zarr.json").unlink()
    (store / "again").write_text("{}")
    (store / "again").rename(store / "zarr.json")
    again = Slabs()
    opened(store).map(again, range(6))
    assert again.computed == list(range(6))


def test_a_damaged_mark_is_no_mark(store):
    interrupt(store)
    for mark in (store.parent / "carbon.slabs").iterdir():
        if mark.name != "identity":
            mark.write_bytes(mark.read_bytes()[:-1])
    again = Slabs()
    opened(store).map(again, range(6))
    assert again.computed == list(range(6))


def test_the_same_slab_of_a_second_map_is_another_one(store):
    with pytest.raises(Interrupted):
        both = opened(store)
        both.map(Slabs(), range(3))
        both.map(Slabs(at=1), range(3))
    again = Slabs()
    both = opened(store)
    both.map(again, range(3))
    both.map(again, range(3))
    assert again.computed == [1, 2]


def test_marks_come_on_a_clock(store):
    interrupt(store, seconds=3600.0)
    again = Slabs()
    opened(store).map(again, range(6))
    assert again.computed == list(range(6))


def test_marks_are_their_owners_alone_and_go_with_the_stage(store):
    memory = opened(store)
    memory.map(Slabs(), range(6))
    folder = store.parent / "carbon.slabs"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert len(list(folder.iterdir())) == 1 + 6
    memory.remove()
    assert not folder.exists()
