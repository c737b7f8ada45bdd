"""Tables on a bucket: several machines write them, each reads what it needs, and the tables are the same."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from sc_pipeline import plan
from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.errors import UsageError, UserError
from sc_pipeline.look import Look
from sc_pipeline.machine import MachineProblem
from sc_pipeline.project import Project
from sc_pipeline.project.settings import Settings
from sc_pipeline.store import Store
from sc_pipeline.store import mirror as mirrors
from sc_pipeline.store.bucket import Bucket
from sc_pipeline.store.mirror import Mirror
from sc_pipeline.store.notes import Provenance
from sc_pipeline.store.parts import read_part
from tests.builders import ask, cases, empty_project, removal, unreadable
from tests.test_store import MADE, rows


@pytest.fixture
def bucket(tmp_path: Path) -> Bucket:
    """A folder that is used as a bucket is."""
    return Bucket((tmp_path / "bucket").as_uri())


@pytest.fixture(autouse=True)
def _clock_of_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirrors, "_TICK_NS", 0)  # a folder tells times to the nanosecond


def machine(tmp_path: Path, name: str, bucket: Bucket) -> Store:
    """The store as a machine finds it that has nothing but the bucket, or what it had before."""
    root = tmp_path / name / "tables"
    return Store(root, mirror=Mirror(root, bucket))


def test_what_one_machine_writes_another_reads(tmp_path: Path, bucket: Bucket) -> None:
    machine(tmp_path, "one", bucket).write("counts", rows(3), MADE)
    machine(tmp_path, "two", bucket).write("removals", rows(2), MADE, "a/b*")
    third = machine(tmp_path, "three", bucket)
    assert third.is_current("counts", MADE)
    assert third.damaged == []
    assert not (third.root / "counts.parquet").exists()  # fetched when it is read, not before
    assert read_part(third.path("counts")).equals(rows(3))
    assert [read_part(path).num_rows for path in third.paths("removals")] == [2]


def test_a_reader_keeps_the_version_that_its_note_named(tmp_path: Path, bucket: Bucket) -> None:
    one, two = machine(tmp_path, "one", bucket), machine(tmp_path, "two", bucket)
    one.write("counts", rows(3), MADE)
    assert two.note("counts")
    one.write("counts", rows(5), Provenance("code-2", {}))
    assert read_part(two.path("counts")).num_rows == 3
    later = machine(tmp_path, "two", bucket)
    note = later.note("counts")
    assert note and (note.rows, note.code) == (5, "code-2")
    assert read_part(later.path("counts")).num_rows == 5


def test_a_note_goes_after_what_it_speaks_of(tmp_path: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    send = Bucket.send
    monkeypatch.setattr(Bucket, "send", lambda self, path, name: (sent.append(name), send(self, path, name))[1])
    machine(tmp_path, "one", bucket).write("counts", rows(3), MADE)
    assert [name.partition("/")[0] for name in sent] == ["data", "notes"]


def test_what_is_dropped_is_gone_for_all_and_its_file_a_day_later(tmp_path: Path, bucket: Bucket) -> None:
    one, two = machine(tmp_path, "one", bucket), machine(tmp_path, "two", bucket)
    one.write("counts", rows(3), MADE)
    assert two.note("counts")
    one.drop("counts")
    assert machine(tmp_path, "two", bucket).note("counts") is None
    one.sweep()
    (left,) = bucket.listed()
    assert left.startswith("data/counts.parquet.")
    long_ago = time.time() - 2 * 24 * 3600
    os.utime(tmp_path / "bucket" / left, (long_ago, long_ago))
    one.write("kept", rows(1), MADE)
    one.sweep()
    assert [name.split(".")[0] for name in sorted(bucket.listed())] == ["data/kept", "notes/kept"]


def test_a_file_that_is_lost_there_is_named_and_made_again(tmp_path: Path, bucket: Bucket) -> None:
    machine(tmp_path, "one", bucket).write("counts", rows(3), MADE)
    bucket.remove(next(name for name in bucket.listed() if name.startswith("data/")))
    store = machine(tmp_path, "two", bucket)
    assert store.note("counts") is None
    assert store.damaged == ["counts"]


def on_machine(folder: Path, bucket: Bucket) -> Project:
    """A machine's own project, its raw/ a copy, its tables on the bucket."""
    project = replace(empty_project(folder), settings=Settings(store=bucket.address, workers=1))
    for number, release in enumerate(("a", "b", "c"), 1):
        cases(project, release, [removal(f"2012-0{number}-03", detainer="2011-12-24")])
    unreadable(project, "bad")
    return project


def test_machines_that_share_a_bucket_alone_make_the_tables_that_one_makes(tmp_path: Path, bucket: Bucket) -> None:
    alone = on_machine(tmp_path / "alone", Bucket((tmp_path / "its-own").as_uri()))
    refused = build_without_dagster(alone)
    one, two, third = (on_machine(tmp_path / name, bucket) for name in ("one", "two", "three"))
    assert plan.take_in(Look(one), "a") is True
    for release in ("b", "c"):
        assert plan.take_in(Look(two), release) is True
    assert plan.take_in(Look(one), "b") is False
    with pytest.raises(UserError, match=r"^bad: "):
        plan.take_in(Look(two), "bad")
    assert plan.waiting(Look(third)) == []
    assert build_without_dagster(third) == refused
    tables = "select table_name, rows, sha256 from meta.tables order by 1"
    assert ask(third, tables) == ask(alone, tables)
    assert [name for name in (tmp_path / "bucket" / "notes").iterdir() if name.stem in ("warehouse", "report")] == []
    after = plan.outlook(Look(third))
    assert (after.releases, after.gone, after.damaged) == ([], [], [])
    assert after.steps == ["figures", "explorer", "report"]  # which that build leaves out


def test_an_address_that_is_none_and_a_bucket_that_cannot_be_reached_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^store: s3:/x: is not an address that can be used: "):
        Bucket("s3:/x").listed()
    nowhere = Bucket("s3://nowhere/x?endpoint_override=127.0.0.1:9&scheme=http&region=us-east-1")
    with pytest.raises(MachineProblem, match=r"^s3://nowhere/x\?.*: cannot be reached or written: .*credentials"):
        nowhere.listed()
