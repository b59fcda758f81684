"""Bad files of every format, by a seed: truncated, flipped, bombed, swapped … and what a reader must make of them.

`python -m tests.fuzz.bad_files --files 10000` reads that many, each in a folder of its own, and says what became of
them. Every one must be refused with a reason, or leave a reading whose numbers are finite or flagged; nothing may
crash, hang, warn, or write. The normal tests run a few hundred.
"""

from __future__ import annotations

import gzip
import io
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from lcr_hpc.errors import LcrError
from lcr_hpc.spine.check import check_file, describe
from lcr_hpc.spine.readers.result import Reading
from lcr_hpc.traffic.readings import READERS
from tests.fuzz.samples import SAMPLES
from tests.fuzz.seeds import Case, Found, report, try_each

Rng = np.random.Generator


def truncated(data: bytes, rng: Rng) -> bytes:
    return data[: rng.integers(0, len(data))]


def empty(data: bytes, rng: Rng) -> bytes:
    return b""


def bit_flips(data: bytes, rng: Rng) -> bytes:
    out = bytearray(data)
    for _ in range(int(rng.integers(1, 20))):
        out[rng.integers(len(out))] ^= 1 << int(rng.integers(8))
    return bytes(out)


def noise(data: bytes, rng: Rng) -> bytes:
    return rng.bytes(int(rng.integers(1, 5000)))


def nul_bytes(data: bytes, rng: Rng) -> bytes:
    at = int(rng.integers(len(data)))
    return data[:at] + b"\0" * int(rng.integers(1, 50)) + data[at:]


def huge_field(data: bytes, rng: Rng) -> bytes:
    at = int(rng.integers(len(data)))
    return data[:at] + (b'"' if rng.random() < 0.5 else b"") + b"9" * ((1 << 20) + 10) + data[at:]


def nested_json(data: bytes, rng: Rng) -> bytes:
    depth = int(rng.choice([50, 500, 5_000, 200_000]))
    mark = [(b"[", b"]"), (b'{"a":', b"}"), (b'{"value":[', b"]}")][rng.integers(3)]
    return mark[0] * depth + b"1" + (mark[1] * depth if rng.random() < 0.7 else b"")


def wrong_encoding(data: bytes, rng: Rng) -> bytes:
    text = data.decode("utf-8", "replace") + "é"
    return text.encode(str(rng.choice(["utf-16", "utf-16-le", "utf-32", "cp1252", "cp037", "shift_jis"])), "replace")


def byte_order_mark(data: bytes, rng: Rng) -> bytes:
    return [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf\xef\xbb\xbf"][rng.integers(4)] + data


def mixed_line_ends(data: bytes, rng: Rng) -> bytes:
    parts = data.split(b"\n")
    return b"".join(p + [b"\n", b"\r\n", b"\r", b"\n\n"][rng.integers(4)] for p in parts)


def _lines(data: bytes) -> list[list[bytes]]:
    return [line.split(b",") for line in data.split(b"\n")]


def swapped_columns(data: bytes, rng: Rng) -> bytes:
    rows = _lines(data)
    i, j = rng.integers(0, max(len(rows[0]), 2), 2)
    for row in rows[1:]:
        if max(i, j) < len(row):
            row[i], row[j] = row[j], row[i]
    return b"\n".join(b",".join(r) for r in rows)


def repeated_header(data: bytes, rng: Rng) -> bytes:
    rows = _lines(data)
    rows[0][rng.integers(len(rows[0]))] = rows[0][0]
    return b"\n".join(b",".join(r) for r in rows)


def wrong_separator(data: bytes, rng: Rng) -> bytes:
    return data.replace(b",", [b";", b"\t", b"|", b" "][rng.integers(4)])


def ragged(data: bytes, rng: Rng) -> bytes:
    rows = _lines(data)
    for _ in range(5):
        row = rows[rng.integers(len(rows))]
        if rng.random() < 0.5 and len(row) > 1:
            row.pop()
        else:
            row.append(b"1")
    return b"\n".join(b",".join(r) for r in rows)


def odd_cells(data: bytes, rng: Rng) -> bytes:
    rows = _lines(data)
    odd = [
        b"NaN", b"inf", b"-inf", b"1e999", b"-1e300", b"0x10", b"1_000", b'"', b"=1+1", b"9" * 400, b"\xc2\xa0",
        b"None", b"0000-00-00", b"9999-12-31T23:59:59Z", b"0001-01-01", b"2025-03-30T01:30:00", b"1e5", b"--", b"{}",
        b"../../x",
    ]  # fmt: skip
    for _ in range(int(rng.integers(1, 20))):
        row = rows[rng.integers(len(rows))]
        row[rng.integers(len(row))] = odd[rng.integers(len(odd))]
    return b"\n".join(b",".join(r) for r in rows)


def shuffled_lines(data: bytes, rng: Rng) -> bytes:
    parts = data.split(b"\n")
    return b"\n".join(parts[i] for i in rng.permutation(len(parts)))


def doubled(data: bytes, rng: Rng) -> bytes:
    return data + data


def numbers_changed(data: bytes, rng: Rng) -> bytes:
    """Digits for digits: what is still a good file, with other content, and headers that promise the wrong size."""
    out = bytearray(data)
    digits = [i for i, c in enumerate(out) if 48 <= c < 58]
    for _ in range(int(rng.integers(1, 12))):
        if digits:
            out[digits[rng.integers(len(digits))]] = 48 + int(rng.integers(10))
    return bytes(out)


def zip_bomb(data: bytes, rng: Rng) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for k in range(int(rng.integers(1, 4))):
            archive.writestr(
                str(rng.choice(["a.csv", "node.csv", "../a.csv", "/etc/a.csv", "b/../../c.csv"])) + str(k),
                b"0" * (40 << 20),
            )
    return out.getvalue()


def gzip_bomb(data: bytes, rng: Rng) -> bytes:
    return gzip.compress(b"1,2,3\n" * (5 << 20), 9)


def zip_lies(data: bytes, rng: Rng) -> bytes:
    """An archive whose list of contents is not what follows."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", data)
    packed = bytearray(out.getvalue())
    for _ in range(int(rng.integers(1, 8))):
        packed[int(rng.integers(len(packed) // 2, len(packed)))] = int(rng.integers(256))
    return bytes(packed)


def truncated_gzip(data: bytes, rng: Rng) -> bytes:
    packed = gzip.compress(data)
    return packed[: rng.integers(2, len(packed))]


def packed_well(data: bytes, rng: Rng) -> bytes:
    return gzip.compress(bit_flips(data, rng))


def another_format(data: bytes, rng: Rng) -> bytes:
    """A good file of another format under this one's name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "other"
        name = list(SAMPLES)[rng.integers(len(SAMPLES))]
        path = path.with_suffix(Path(SAMPLES[name][1]).suffix)
        SAMPLES[name][3](path)
        return path.read_bytes()


DEFECTS = (
    truncated, empty, bit_flips, noise, nul_bytes, huge_field, nested_json, wrong_encoding, byte_order_mark,
    mixed_line_ends, swapped_columns, repeated_header, wrong_separator, ragged, odd_cells, shuffled_lines, doubled,
    numbers_changed, zip_bomb, gzip_bomb, zip_lies, truncated_gzip, packed_well, another_format,
)  # fmt: skip


def bad_file(seed: int, originals: dict[str, bytes]) -> tuple[str, str, bytes]:
    """Format, defect and bytes of the bad file of a seed; every defect meets every format in turn."""
    names = list(SAMPLES)
    name, defect = names[seed % len(names)], DEFECTS[seed // len(names) % len(DEFECTS)]
    rng = np.random.Generator(np.random.Philox(key=seed))
    data = defect(originals[name], rng)
    if rng.random() < 0.15 and len(data) < 1 << 20 and data:  # some carry two
        data = DEFECTS[rng.integers(len(DEFECTS))](data, rng)
    return name, defect.__name__, data


def good_files() -> dict[str, bytes]:
    """Bytes of the good file of each format."""
    with tempfile.TemporaryDirectory() as folder:
        found = {}
        for name, (_, file, _, write) in SAMPLES.items():
            write(Path(folder) / file)
            found[name] = (Path(folder) / file).read_bytes()
        return found


def judge(name: str, data: bytes, folder: Path) -> tuple[str, str]:
    """ "refused" with its reason, or "read"; an AssertionError where a reader breaks a rule.

    The rules: only an `LcrError`, with a message of one reason a line; no NaN without its flag; a reason for each cell
    that was refused; nothing beside the file; a summary that can be printed.
    """
    form, file, options, _ = SAMPLES[name]
    path = folder / file
    path.write_bytes(data)
    try:
        reading = check_file(path, form, options, READERS)
    except LcrError as error:
        said = str(error)
        assert said.strip() and len(said) < 20_000 and "Traceback" not in said, said[:500]
        outcome = "refused", said
    else:
        _check(reading)
        outcome = "read", f"{reading.kept} {reading.flagged} {len(reading.rejected)}"
    assert [p.name for p in folder.iterdir()] == [file], "something was written"
    path.unlink()
    return outcome


def _check(reading: Reading) -> None:
    describe(reading)
    assert (reading.rejected["reason"] != "").all() and (reading.rejected["line"] > 0).all()
    if reading.kind == "observations":
        value, flag = reading.table["value"].to_numpy(), reading.table["flag"].to_numpy()
        assert (np.isnan(value) == (flag == 1)).all() and not np.isinf(value).any(), "a silent NaN"
        assert (reading.table["unit"].astype(str) != "").all() and (reading.table["site"].astype(str) != "").all()
    elif reading.kind == "pairs":
        assert np.isfinite(reading.table["value"].to_numpy(np.float64)).all(), "a silent NaN"
    else:
        numbers = reading.table.select_dtypes("number").to_numpy(np.float64)
        assert np.isfinite(numbers).all(), "a silent NaN"


def run(seeds: Iterable[int], *, stop: bool = True) -> Found:
    """Read the bad files of some seeds; count (defect, outcome), and list what broke a rule."""
    originals = good_files()
    with tempfile.TemporaryDirectory() as folder:

        def case(seed: int) -> Case:
            name, defect, data = bad_file(seed, originals)
            where = Path(folder) / str(seed)
            where.mkdir()
            return Case(defect, f"{name}, {defect}", lambda: judge(name, data, where))

        return try_each(seeds, case, stop=stop)


if __name__ == "__main__":
    sys.exit(report(__doc__, lambda seeds: run(seeds, stop=False)))
