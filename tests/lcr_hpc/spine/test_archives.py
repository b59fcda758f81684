"""Archives: what is unpacked, and every way of leading outside, of lying and of bursting that is refused."""

from __future__ import annotations

import gzip
import io
import os
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.spine.archives import Limits, extract_archive, read_member, refuse_links


def _zip(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes], packing: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def _tar(path: Path, *members: tarfile.TarInfo, mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(b"x" * member.size))
    return path


def _member(name: str, size: int = 3, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.type, member.linkname, member.mode = size, kind, link, 0o4777
    return member


def _linked(name: str, mode: int) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.external_attr = mode << 16
    return member


def test_files_come_out_whole_in_a_fresh_folder_without_the_modes_of_the_archive(tmp_path):
    path = _zip(tmp_path / "a.zip", ("b/two.csv", b"2"), ("one.csv", b"1"))
    files = extract_archive(path, tmp_path / "out")
    assert [str(f.relative_to(tmp_path / "out")) for f in files] == ["b/two.csv", "one.csv"]
    assert [f.read_bytes() for f in files] == [b"2", b"1"]
    for number, mode in enumerate(("w", "w:gz", "w:bz2", "w:xz")):
        out = tmp_path / f"tar{number}"
        [file] = extract_archive(_tar(tmp_path / "a.tar", _member("b/one.csv"), mode=mode), out)
        assert file.read_bytes() == b"xxx" and not file.stat().st_mode & 0o6111
    with pytest.raises(InputError, match=r"exists already"):
        extract_archive(path, tmp_path / "out")


def test_one_gzipped_file_comes_out_under_its_own_name(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"1,2\n"))
    assert [f.name for f in extract_archive(tmp_path / "a.csv.gz", tmp_path / "out")] == ["a.csv"]


@pytest.mark.parametrize(
    "name", ["../a.csv", "b/../../a.csv", "/etc/a.csv", "C:/a.csv", "..\\a.csv", "a\x01b", "a" * 300]
)
def test_a_name_that_leads_outside_is_refused(tmp_path, name):
    for path in (_zip(tmp_path / "a.zip", ("good.csv", b"1"), (name, b"1")), _tar(tmp_path / "a.tar", _member(name))):
        with pytest.raises(InputError, match=r"refused"):
            extract_archive(path, tmp_path / "in" / "out")
        assert [f for f in tmp_path.rglob("*") if f.is_file()] == sorted(tmp_path.glob("a.*"))


def test_links_devices_and_encrypted_files_are_refused(tmp_path):
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE):
        with pytest.raises(InputError, match=r"is a link|is a device or a pipe"):
            extract_archive(_tar(tmp_path / "a.tar", _member("a", 0, kind, "/etc/passwd")), tmp_path / "out")
    for mode in (stat.S_IFLNK | 0o777, stat.S_IFIFO | 0o666):
        with pytest.raises(InputError, match=r"is a link|is a device or a pipe"):
            extract_archive(_zip(tmp_path / "a.zip", (_linked("a", mode), b"/etc/passwd")), tmp_path / "out")
    data = bytearray(_zip(tmp_path / "a.zip", ("a.csv", b"1")).read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(InputError, match=r"'a\.csv' is encrypted; refused"):
        extract_archive(tmp_path / "a.zip", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_name_that_stands_twice_is_refused_also_by_another_case(tmp_path):
    with pytest.raises(InputError, match=r"names that stand twice: a\.csv"):
        extract_archive(_zip(tmp_path / "a.zip", ("a.csv", b"1"), ("A.CSV", b"2")), tmp_path / "out")
    with pytest.raises(InputError, match=r"stands twice"):
        extract_archive(_tar(tmp_path / "a.tar", _member("a"), _member("./A")), tmp_path / "out")


def test_bombs_burst_at_the_limit_and_leave_nothing(tmp_path):
    zeros = b"0" * (8 << 20)
    bombs = [_zip(tmp_path / "bomb.zip", ("a.csv", zeros))]
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(zeros))
    bombs.append(tmp_path / "bomb.csv.gz")
    with tarfile.open(tmp_path / "bomb.tar.gz", "w:gz") as archive:
        archive.addfile(_member("a.csv", len(zeros)), io.BytesIO(zeros))
    bombs.append(tmp_path / "bomb.tar.gz")
    for bomb in bombs:
        with pytest.raises(InputError, match=r"more than 200 times its .* as a zip bomb does"):
            extract_archive(bomb, tmp_path / "out")
    for bomb in bombs[:2]:
        with pytest.raises(InputError, match=r"zip bomb"):
            read_member(bomb, 1 << 30)
    with pytest.raises(InputError, match=r"holds 8,388,608 bytes, at most 1,000 are unpacked"):
        extract_archive(bombs[0], tmp_path / "out", Limits(bytes=1000))
    with pytest.raises(InputError, match=r"unpacks to more than 1,000 bytes"):
        extract_archive(bombs[1], tmp_path / "out", Limits(bytes=1000))
    with pytest.raises(InputError, match=r"at most 1 are unpacked|more than 1 files"):
        extract_archive(_zip(tmp_path / "two.zip", ("a", b"1"), ("b", b"2")), tmp_path / "out", Limits(files=1))
    assert sorted(f.name for f in tmp_path.iterdir()) == ["bomb.csv.gz", "bomb.tar.gz", "bomb.zip", "two.zip"]


def test_a_list_of_contents_that_lies_is_found_out(tmp_path):
    """The size in a zip's list is a promise: 10 bytes, and 4 MB follow."""
    data = bytearray(_zip(tmp_path / "a.zip", ("a.csv", os.urandom(4 << 20))).read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(InputError, match=r"a\.zip is damaged or cut off"):
        extract_archive(tmp_path / "a.zip", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("keep", [30, 200, 4000])
def test_an_archive_that_was_cut_off_is_refused(tmp_path, keep):
    for path in (
        _zip(tmp_path / "a.zip", ("a.csv", os.urandom(9000))),
        _tar(tmp_path / "a.tar.gz", _member("a.csv", 90_000)),
    ):
        path.write_bytes(path.read_bytes()[: min(keep, path.stat().st_size - 20)])
        with pytest.raises(InputError, match=r"damaged or cut off|holds no file"):
            extract_archive(path, tmp_path / "out")
        assert not (tmp_path / "out").exists()


def test_a_landing_zone_holds_files_and_folders_alone(tmp_path):
    (tmp_path / "counts").mkdir()
    (tmp_path / "counts" / "a.csv").write_text("1")
    refuse_links(tmp_path)
    (tmp_path / "counts" / "b.csv").symlink_to("/etc/passwd")
    (tmp_path / "air").symlink_to("/tmp")
    os.mkfifo(tmp_path / "counts" / "pipe")
    with pytest.raises(InputError, match=r"(?s)air is a symbolic link.*b\.csv is a symbolic link.*pipe is a pipe"):
        refuse_links(tmp_path)
