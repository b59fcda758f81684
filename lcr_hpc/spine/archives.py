"""Archives and compressed files, checked before and while they are unpacked; nothing that they promise is believed."""

from __future__ import annotations

import gzip
import os
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.spine.problems import few

Stream = IO[bytes] | gzip.GzipFile
_PIECE = 1 << 20
_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, NotImplementedError, ValueError)


@dataclass(frozen=True)
class Limits:
    """What an archive may hold."""

    files: int = 10_000
    bytes: int = 20 << 30
    """Of all files together"""
    ratio: float = 200.0
    """Unpacked bytes a packed byte. Detector CSVs pack 5 to 20 fold, constant ones 100; a bomb starts at 1,000"""
    free: int = 1 << 20
    """Bytes that the ratio does not count: short files of blanks pack well"""


LIMITS = Limits()


@dataclass(frozen=True)
class _Member:
    name: str
    size: int
    problem: str


def extract_archive(path: Path, into: Path, limits: Limits = LIMITS) -> list[Path]:
    """Unpack a zip or tar archive into a fresh folder.

    Parameters
    ----------
    path : Path
        .zip, .tar, .tar.gz, .tar.bz2 or .tar.xz; told by content.
    into : Path
        Folder that does not exist yet. It is there whole, or not at all.
    limits : Limits
        Checked against the list of contents first, then against the bytes as they come.

    Returns
    -------
    list of Path
        The files, in order of their names. Owners, modes and times of the archive are not taken over.

    Raises
    ------
    InputError
        All members with absolute names, `..`, backslashes or drive letters, links, devices, encryption, names that
        stand twice; too many files, too many bytes, too high a ratio; damage.
    """
    if into.exists():
        raise InputError(f"{into} exists already, wanted a fresh folder to unpack {path.name}")
    require_file(path)
    into.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=into.parent, prefix=f".{into.name}."))
    try:
        whole = scratch / "whole"
        whole.mkdir(mode=0o755)
        _unpack(path, whole, limits)
        whole.rename(into)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return sorted(f for f in into.rglob("*") if f.is_file())


def read_member(path: Path, most: int, limits: Limits = LIMITS) -> bytes:
    """Bytes of a plain file, of a gzipped one, or of the one file in a zip archive; at most `most` of them."""
    require_file(path)
    with path.open("rb") as file:
        magic = file.read(4)
    if magic[:2] == b"\x1f\x8b":
        with _saying_damage(path), gzip.open(path) as packed:
            return b"".join(_pieces(path, packed, most, path.stat().st_size, limits))
    if magic == b"PK\x03\x04":
        with _saying_damage(path), zipfile.ZipFile(path) as archive:
            _check_members(path, _zip_members(archive), limits)
            names = [m for m in archive.infolist() if not m.is_dir()]
            if len(names) != 1:
                raise InputError(f"{path} holds {len(names)} files, wanted one; unpack it and land the files")
            with archive.open(names[0]) as packed:
                return b"".join(_pieces(path, packed, most, path.stat().st_size, limits))
    if (size := path.stat().st_size) > most:
        raise InputError(f"{path} has {size:,} bytes, at most {most:,} can be read at once; split it, by day say")
    if not size:
        raise InputError(f"{path} is empty, wanted data; fetch it again")
    return path.read_bytes()


def require_file(path: Path) -> None:
    """Refuse what is no regular file: a folder, a pipe or a device. Links are for the landing zone to refuse.

    Raises
    ------
    InputError
        Says which it is.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"no file {path}; check the name") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path!s:.200} cannot be read ({error})") from None
    if not stat.S_ISREG(mode):
        raise InputError(f"{path} is {'a folder' if stat.S_ISDIR(mode) else 'no regular file'}, wanted a file")


def refuse_links(folder: Path) -> None:
    """Refuse a landing zone that holds anything but folders and regular files: a link would lead a feed outside.

    Raises
    ------
    InputError
        Names all of them.
    """

    def strangers() -> Iterator[str]:
        # What a folder's list says of its entries, not a question for each of thousands of files.
        todo = [os.fspath(folder)]
        while todo:
            with os.scandir(todo.pop()) as found:
                entries = sorted(found, key=lambda e: e.name)
            for entry in entries:
                if entry.is_symlink():
                    yield f"{entry.path} is a symbolic link; feeds land as files: copy what it points to"
                elif entry.is_dir():
                    todo.append(entry.path)
                elif not entry.is_file():
                    yield f"{entry.path} is a pipe, a socket or a device; feeds land as files: take it away"

    raise_all(strangers(), InputError)


class _saying_damage:
    """Turn what the standard library raises on damaged archives into one message."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (*_DAMAGED, RuntimeError)) and not isinstance(error, InputError):
            why = " ".join(str(error).split())[:200] or type(error).__name__
            raise InputError(f"{self.path} is damaged or cut off ({why}); fetch it again") from None


def _unpack(path: Path, into: Path, limits: Limits) -> None:
    packed = path.stat().st_size
    with _saying_damage(path):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                _check_members(path, _zip_members(archive), limits)
                entries = ((m.filename, archive.open(m)) for m in archive.infolist() if not m.is_dir())
                _write(path, into, entries, packed, limits)
        elif _is_gzip(path) and not _is_tar(path):
            # A gzipped file that is no tar archive: one file, of the same name without the ending.
            with gzip.open(path) as file:
                _write(path, into, [(path.name.removesuffix(".gz") or "file", file)], packed, limits)
        else:
            _unpack_tar(path, into, packed, limits)


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _is_tar(path: Path) -> bool:
    with gzip.open(path) as file:
        block = file.read(512)
    return len(block) == 512 and block[257:262] == b"ustar"


def _unpack_tar(path: Path, into: Path, packed: int, limits: Limits) -> None:
    # One pass, so that a bomb is met before it is listed: a compressed tar has no list of contents to check first.
    seen: set[str] = set()
    budget = _Budget(path, packed, limits)
    with tarfile.open(path, "r|*") as archive:
        for member in archive:
            problem = "" if member.isreg() or member.isdir() else "a link" if _is_link(member) else "a device or a pipe"
            _check_members(path, [_Member(member.name, member.size, problem)], limits)
            if member.isdir():
                continue
            seen_key = _key(member.name)
            if seen_key in seen:
                raise InputError(f"{path}: {member.name[:100]} stands twice; refused")
            seen.add(seen_key)
            if len(seen) > limits.files:
                raise InputError(f"{path} holds more than {limits.files:,} files; refused")
            file = archive.extractfile(member)
            assert file is not None
            _write_one(into, member.name, file, budget)
    if not seen:
        raise InputError(f"{path} holds no file, wanted some; fetch it again")


def _is_link(member: tarfile.TarInfo) -> bool:
    return member.issym() or member.islnk()


def _zip_members(archive: zipfile.ZipFile) -> list[_Member]:
    return [_Member(m.filename, m.file_size, _zip_problem(m)) for m in archive.infolist()]


def _zip_problem(member: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(member.external_attr >> 16)
    if member.flag_bits & 0x1:
        return "encrypted"
    if kind == stat.S_IFLNK:
        return "a link"
    return "" if kind in (0, stat.S_IFREG, stat.S_IFDIR) else "a device or a pipe"


def _check_members(path: Path, members: list[_Member], limits: Limits) -> None:
    """Everything that the list of contents gives away."""
    problems = [
        f"{path}: {m.name[:100]!r} is {p}; refused" for m in members if (p := m.problem or _name_problem(m.name))
    ]
    keys = [_key(m.name) for m in members]
    if repeated := sorted(k for k, n in Counter(keys).items() if n > 1):
        problems.append(f"{path}: names that stand twice: {few(r[:100] for r in repeated)}; refused")
    if len(members) > limits.files:
        problems.append(f"{path} holds {len(members):,} files, at most {limits.files:,} are unpacked")
    if (total := sum(m.size for m in members)) > limits.bytes:
        problems.append(f"{path} holds {total:,} bytes, at most {limits.bytes:,} are unpacked")
    raise_all(problems[:20], InputError)


def _key(name: str) -> str:
    """Names that a file system may take for one."""
    return str(PurePosixPath(name)).casefold()


def _name_problem(name: str) -> str:
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or "\\" in name or (len(name) > 1 and name[1] == ":"):
        return "an absolute name, or one with a backslash"
    if ".." in parts:
        return "a name that leads outside"
    if len(name.encode("utf-8", "surrogatepass")) > 1000 or any(
        len(p.encode("utf-8", "surrogatepass")) > 250 for p in parts
    ):
        return "a name that is too long"
    return "a name with control characters" if any(ord(c) < 32 or 0xD800 <= ord(c) < 0xE000 for c in name) else ""


class _Budget:
    """Bytes that may still come."""

    def __init__(self, path: Path, packed: int, limits: Limits) -> None:
        self.path, self.packed, self.limits, self.bytes = path, packed, limits, 0

    def take(self, count: int) -> None:
        self.bytes += count
        if self.bytes > self.limits.bytes:
            raise InputError(f"{self.path} unpacks to more than {self.limits.bytes:,} bytes; refused")
        if self.bytes > self.limits.free + self.limits.ratio * self.packed:
            raise InputError(
                f"{self.path} unpacks to more than {self.limits.ratio:g} times its {self.packed:,} bytes, as a zip "
                "bomb does; refused. If it is honest, unpack it yourself and land the files"
            )


def _pieces(path: Path, packed: Stream, most: int, size: int, limits: Limits) -> Iterator[bytes]:
    budget, total = _Budget(path, size, limits), 0
    while piece := packed.read(_PIECE):
        total += len(piece)
        budget.take(len(piece))
        if total > most:
            raise InputError(f"{path} unpacks to more than {most:,} bytes, which is more than can be read at once")
        yield piece
    if not total:
        raise InputError(f"{path} is empty, wanted data; fetch it again")


def _write(path: Path, into: Path, entries: Iterable[tuple[str, Stream]], packed: int, limits: Limits) -> None:
    budget, count = _Budget(path, packed, limits), 0
    for name, file in entries:
        count += 1
        with file:
            _write_one(into, name, file, budget)
    if not count:
        raise InputError(f"{path} holds no file, wanted some; fetch it again")


def _write_one(into: Path, name: str, file: Stream, budget: _Budget) -> None:
    target = into / name
    if not target.resolve().is_relative_to(into.resolve()):
        raise InputError(f"{budget.path}: {name[:100]!r} leads outside; refused")
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as out:
        while piece := file.read(_PIECE):
            budget.take(len(piece))
            out.write(piece)
