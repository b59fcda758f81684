"""Compiled kernels: an edited source means another folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from lcr_hpc.compute import kernel_cache


@pytest.fixture
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "lcr_kernels"
    folder.mkdir()
    (folder / "a.py").write_text("x = 1\n")

    class Spec:
        submodule_search_locations = (str(folder),)

    monkeypatch.setattr(kernel_cache.importlib.util, "find_spec", lambda _: Spec)
    monkeypatch.delenv("LCR_KERNEL_CACHE", raising=False)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    return folder


def test_an_edit_a_new_name_and_a_new_file_each_change_the_state(kernels: Path):
    states = {kernel_cache.kernel_state()}
    (kernels / "a.py").write_text("x = 2\n")
    states.add(kernel_cache.kernel_state())
    (kernels / "b.py").write_text("")
    states.add(kernel_cache.kernel_state())
    (kernels / "b.py").rename(kernels / "c.py")
    states.add(kernel_cache.kernel_state())
    assert len(states) == 4


def test_a_child_process_keeps_the_folder_of_its_parent(kernels: Path, tmp_path: Path):
    folder = kernel_cache.use_kernel_cache()
    assert folder.parent == tmp_path / "cache"
    assert kernel_cache.use_kernel_cache() == folder


def test_without_a_site_cache_it_lies_in_the_users(kernels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert kernel_cache.use_kernel_cache().parent == tmp_path / "xdg" / "lcr-hpc"
