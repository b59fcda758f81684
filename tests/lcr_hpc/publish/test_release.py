"""The release: kill -9 before every step that touches the disk, and `latest` always shows a whole snapshot."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lcr_hpc.errors import ReleaseError
from lcr_hpc.publish import release as module
from lcr_hpc.publish.release import (
    latest_name,
    new_draft,
    only_publisher,
    point_latest,
    prune,
    release,
    set_latest,
    settle,
    snapshot_name,
)
from lcr_hpc.publish.snapshot import Snapshot, file_problems, index_files, read_index, write_index

NIGHT = "2025-10-15"

# Forks a child a line of orders, which dies by SIGKILL before its n-th step on the disk. Says `killed` or `done`.
SERVER = textwrap.dedent(
    """
    import os, signal, sys
    from pathlib import Path
    from lcr_hpc.publish.release import point_latest, release, settle

    STEPS = {"os.rename", "os.link", "os.symlink", "os.remove", "os.rmdir", "os.mkdir"}

    def work(published, draft, name, left):
        def count(event, arguments):
            nonlocal left
            if event in STEPS:
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        settle(published) if draft == "settle" else release(published / draft, name)
        point_latest(published, name)

    for line in sys.stdin:
        published, draft, name, left = line.split("|")
        child = os.fork()
        if child == 0:
            work(Path(published), draft, name, int(left))
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        said = {0: "done", signal.SIGKILL: "killed"}.get(status, f"failed {status}")
        print(said, flush=True)
    """
)


@pytest.fixture(scope="module")
def killed() -> Iterator[Callable[[Path, str, str, int], bool]]:
    """Whether a release (or `settle`) was killed before the given step: False = it has no such step."""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", SERVER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:

        def order(published: Path, draft: str, name: str, step: int) -> bool:
            print(published, draft, name, step, sep="|", file=server.stdin, flush=True)
            said = server.stdout.readline().strip()
            assert said in ("killed", "done"), said
            return said == "killed"

        yield order


def write_draft(published: Path, name: str, text: str) -> Path:
    published.mkdir(parents=True, exist_ok=True)
    draft = new_draft(published, name)
    for file in ("areas.csv", "report.html"):
        (draft / file).write_text(text)
    write_index(draft, Snapshot(name[:10], "base", "open", {"areas": "f"}, index_files(draft), "1"))
    return draft


def publish(published: Path, name: str, text: str) -> Path:
    place = release(write_draft(published, name, text), name)
    point_latest(published, name)
    return place


def whole(folder: Path) -> bool:
    return not file_problems(folder, read_index(folder))


def content(folder: Path) -> str:
    assert whole(folder)
    return (folder / "areas.csv").read_text()


def test_names():
    assert snapshot_name(NIGHT, "base") == NIGHT
    assert snapshot_name(NIGHT, "low_emission_zone") == f"{NIGHT}-low_emission_zone"


def test_a_first_release_is_a_folder_and_a_link(tmp_path):
    place = publish(tmp_path, NIGHT, "new")
    assert place == tmp_path / NIGHT
    assert str((tmp_path / "latest").readlink()) == NIGHT
    assert content(tmp_path / "latest") == "new"
    assert sorted(p.name for p in tmp_path.iterdir()) == [NIGHT, "latest"]


def test_replacing_the_latest_leaves_only_the_new(tmp_path):
    publish(tmp_path, NIGHT, "old")
    publish(tmp_path, NIGHT, "new")
    assert content(tmp_path / "latest") == "new"
    assert sorted(p.name for p in tmp_path.iterdir()) == [NIGHT, "latest"]


def test_kill_nine_at_every_step_of_a_replacement_and_of_its_recovery(tmp_path, killed):
    seen, steps = set(), 0
    while True:
        published = tmp_path / f"{steps}"
        publish(published, NIGHT, "old")
        draft = write_draft(published, NIGHT, "new")
        died = killed(published, draft.name, NIGHT, steps)
        # Either content, whole, through `latest`: and once new, never old again.
        seen.add(first := content(published / "latest"))
        if not died:
            break
        recovery = 0
        while killed(published, "settle", NIGHT, recovery):
            assert content(published / "latest") == first
            recovery += 1
        assert content(published / "latest") == first
        assert content(published / NIGHT) in {first, "old"}
        assert content(publish(published, NIGHT, "new")) == "new"
        assert sorted(p.name for p in published.iterdir()) == [NIGHT, "latest"]
        steps += 1
    assert seen == {"old", "new"}
    assert steps > 8


def test_kill_nine_while_replacing_an_older_night_keeps_it_and_the_latest(tmp_path, killed):
    older, steps = "2025-10-14", 0
    while True:
        published = tmp_path / f"{steps}"
        publish(published, older, "old")
        publish(published, NIGHT, "tonight")
        draft = write_draft(published, older, "new")
        died = killed(published, draft.name, older, steps)
        settle(published)
        assert content(published / "latest") == "tonight"
        assert content(published / older) in {"old", "new"}
        if not died:
            break
        steps += 1
    assert content(published / older) == "new"
    assert steps >= 2


def test_a_killed_publish_leaves_a_draft_that_the_next_start_removes(tmp_path):
    publish(tmp_path, NIGHT, "old")
    write_draft(tmp_path, NIGHT, "half").joinpath("snapshot.json").unlink()
    (tmp_path / ".latest.77").symlink_to("nowhere")
    settle(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == [NIGHT, "latest"]


@pytest.mark.parametrize(
    ("before", "after", "latest"),
    [
        (NIGHT, "2025-10-16", "2025-10-16"),
        (NIGHT, "2025-10-14", NIGHT),
        (NIGHT, f"{NIGHT}-zone", NIGHT),
        (f"{NIGHT}-zone", "2025-10-14", "2025-10-14"),
        (f"{NIGHT}-zone", "2025-10-16-zone", "2025-10-16-zone"),
    ],
)
def test_latest_goes_to_the_last_base_night(tmp_path, before, after, latest):
    publish(tmp_path, before, "x")
    publish(tmp_path, after, "y")
    assert latest_name(tmp_path) == latest


def test_latest_that_leads_nowhere_is_mended(tmp_path):
    publish(tmp_path, NIGHT, "x")
    (tmp_path / "latest").unlink()
    (tmp_path / "latest").symlink_to("2030-01-01")
    point_latest(tmp_path, NIGHT)
    assert latest_name(tmp_path) == NIGHT


def test_prune_keeps_the_last_and_what_latest_shows(tmp_path):
    for day in range(10, 16):
        publish(tmp_path, f"2025-10-{day}", "x")
    (tmp_path / "2025-10-09").mkdir()  # no index: somebody else's folder
    set_latest(tmp_path, "2025-10-10")
    assert prune(tmp_path, 2, "2025-10-15") == ["2025-10-11", "2025-10-12", "2025-10-13"]
    assert {p.name for p in tmp_path.iterdir()} == {"latest", "2025-10-09", "2025-10-10", "2025-10-14", "2025-10-15"}


def test_prune_drops_a_night_s_scenarios_before_its_base(tmp_path):
    for name in (NIGHT, f"{NIGHT}-a", f"{NIGHT}-b"):
        publish(tmp_path, name, "x")
    assert prune(tmp_path, 1, NIGHT) == [f"{NIGHT}-a", f"{NIGHT}-b"]


def test_a_file_system_without_hard_links_copies(tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError("no hard links here")

    publish(tmp_path, NIGHT, "old")
    monkeypatch.setattr(module.os, "link", refuse)
    publish(tmp_path, NIGHT, "new")
    assert content(tmp_path / "latest") == "new"


def test_something_in_the_way_is_one_message(tmp_path):
    draft = write_draft(tmp_path, NIGHT, "x")
    (tmp_path / NIGHT).write_text("a file")
    with pytest.raises(ReleaseError, match="in the way"):
        release(draft, NIGHT)
    (tmp_path / "latest").mkdir()
    with pytest.raises(ReleaseError, match="in the way"):
        latest_name(tmp_path)


def test_two_publishers_of_one_root_are_refused(tmp_path):
    with only_publisher(tmp_path), pytest.raises(ReleaseError, match="another publish"), only_publisher(tmp_path):
        pass
    with only_publisher(tmp_path):
        handle = os.open(tmp_path / ".lock", os.O_RDWR)
        with pytest.raises(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(handle)
