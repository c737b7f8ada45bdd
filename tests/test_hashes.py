import hashlib
import json
import time
from pathlib import Path

import pytest

from sc_pipeline.errors import FileProblem
from sc_pipeline.raw.hashes import FileHashes
from tests.builders import write_files


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_hashes_are_remembered_only_while_size_and_time_stand_still(tmp_path: Path) -> None:
    write_files(tmp_path, july__a_csv="1")
    path, record = tmp_path / "july" / "a.csv", tmp_path / "hashes.json"
    stat = path.stat()
    stamp = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]
    record.write_text(json.dumps({"july/a.csv": [*stamp, "remembered"]}))
    assert FileHashes(tmp_path, record).sha256(path) == "remembered"
    record.write_text(json.dumps({"july/a.csv": [stamp[0], stamp[1] - 1, stamp[2], "remembered"]}))
    assert FileHashes(tmp_path, record).sha256(path) == sha("1")
    record.write_text("{half")
    assert FileHashes(tmp_path, record).sha256(path) == sha("1")


def test_hash_of_a_file_just_written_is_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path, july__a_csv="1", gone_csv="2")
    hashes = FileHashes(tmp_path, tmp_path / "cache" / "hashes.json")
    hashes.sha256(tmp_path / "july" / "a.csv")
    hashes.save()
    assert not (tmp_path / "cache").exists()
    later = time.time_ns() + 10_000_000_000
    monkeypatch.setattr(time, "time_ns", lambda: later)
    for name in ("july/a.csv", "gone.csv"):
        hashes.sha256(tmp_path / name)
    (tmp_path / "gone.csv").unlink()
    hashes.save()
    assert list(json.loads((tmp_path / "cache" / "hashes.json").read_text())) == ["july/a.csv"]
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["hashes.json"]


def test_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(
        FileProblem, match=r"^a.csv: cannot be read \(No such file or directory\); check that it is there$"
    ):
        FileHashes(tmp_path).sha256(tmp_path / "a.csv")
