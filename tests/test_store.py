"""A table is there whole, as its note says, or not at all."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sc_pipeline.store import Store
from sc_pipeline.store.notes import Provenance
from sc_pipeline.store.parts import ROW_GROUP
from tests.builders import rows_hash

MADE = Provenance("code-1", {"raw": "abc"}, "run-1", "commit-1")
SCHEMA = pa.schema([pa.field("release_id", pa.string()), pa.field("n", pa.int64())])


def rows(count: int, release: str = "r1") -> pa.Table:
    return pa.table({"release_id": [release] * count, "n": list(range(count))}, SCHEMA)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "tables")


def again(store: Store) -> Store:
    """The store as the next process finds it."""
    return Store(store.root)


def test_a_table_comes_back_with_what_made_it(store: Store) -> None:
    store.write("counts", rows(3), MADE)
    note = again(store).note("counts")
    assert note
    assert (note.rows, note.sha256, note.code, note.inputs, note.run, note.commit) == (
        3,
        rows_hash(rows(3)),
        "code-1",
        {"raw": "abc"},
        "run-1",
        "commit-1",
    )
    assert pq.read_table(again(store).path("counts")).equals(rows(3))


def test_a_table_is_current_for_its_code_and_inputs_and_nothing_else(store: Store) -> None:
    store.write("counts", rows(3), MADE)
    found = again(store)
    assert found.is_current("counts", Provenance("code-1", {"raw": "abc"}, "run-2", "commit-2"))
    assert not found.is_current("counts", Provenance("code-2", {"raw": "abc"}))
    assert not found.is_current("counts", Provenance("code-1", {"raw": "abd"}))
    assert not found.is_current("counts", Provenance("code-1", {"raw": "abc", "more": "x"}))
    assert not found.is_current("counts", MADE, "r1")


@pytest.mark.parametrize("release", ["r1", "a release", "ice (2)", "*", "a[1]", "ünï", "a/b", "..", "50%"])
def test_parts_keep_apart_whatever_their_releases_are_called(store: Store, release: str) -> None:
    store.write("removals", rows(1, release), MADE, release)
    store.write("removals", rows(2, "zz"), MADE, "zz")
    found = again(store)
    assert {part: note.rows for part, note in found.parts("removals").items()} == {release: 1, "zz": 2}
    assert [pq.ParquetFile(path).metadata.num_rows for path in found.paths("removals", [release])] == [1]
    assert all(path.is_relative_to(store.root / "removals") for path in store.root.rglob("*.parquet"))
    found.drop_release(release)
    assert again(store).releases() == ["zz"]


def test_a_table_that_ends_badly_leaves_the_old_one(store: Store) -> None:
    store.write("counts", rows(3), MADE)
    with pytest.raises(RuntimeError), store.writer("counts", SCHEMA, Provenance("code-2", {})) as writer:
        writer.add(rows(5))
        raise RuntimeError("the disk is full")
    found = again(store)
    assert found.is_current("counts", MADE)
    assert pq.read_table(found.path("counts")).equals(rows(3))
    assert sorted(path.name for path in store.root.iterdir()) == ["counts.json", "counts.parquet"]


def test_row_groups_and_the_hash_do_not_depend_on_the_batches(store: Store) -> None:
    every = rows(ROW_GROUP + 10)
    for name, sizes in {"one": [len(every)], "many": [1, ROW_GROUP - 2, 5, 6]}.items():
        with store.writer(name, SCHEMA, MADE) as writer:
            start = 0
            for size in sizes:
                writer.add(every.slice(start, size))
                start += size
    one, many = store.note("one"), store.note("many")
    assert one and many and one.sha256 == many.sha256
    assert store.path("one").read_bytes() == store.path("many").read_bytes()
    assert pq.ParquetFile(store.path("one")).metadata.row_group(0).num_rows == ROW_GROUP


@pytest.mark.parametrize("damage", ["cut", "lost", "touched", "note cut", "note of another shape"])
def test_damage_is_named_and_the_table_counts_as_missing(store: Store, damage: str) -> None:
    store.write("counts", rows(3), MADE)
    store.write("removals", rows(3), MADE, "r1")
    for table, release in (("counts", None), ("removals", "r1")):
        path = store.path(table, release)
        note = path.with_suffix(".json")
        if damage == "cut":
            path.write_bytes(path.read_bytes()[:-1])
        elif damage == "lost":
            path.unlink()
        elif damage == "touched":
            path.write_bytes(path.read_bytes())
        elif damage == "note cut":
            note.write_text(note.read_text()[:20])
        else:
            note.write_text('{"rows": 3}')
    found = again(store)
    assert found.note("counts") is None
    assert found.parts("removals") == {}
    assert found.damaged == ["counts", "removals of r1"]


def test_versions_change_with_rows_and_releases_only(store: Store) -> None:
    assert store.version("removals") is None
    store.write("removals", rows(1), MADE, "r1")
    one = store.version("removals")
    store.write("removals", rows(1), Provenance("code-9", {"other": "inputs"}), "r1")
    assert store.version("removals") == one
    store.write("removals", rows(2), MADE, "r2")
    two = store.version("removals")
    assert two != one
    store.drop("removals", "r2")
    assert store.version("removals") == one


def test_a_summary_adds_up_the_parts(store: Store) -> None:
    store.write("removals", rows(1), MADE, "r1")
    store.write("removals", rows(2), MADE, "r2")
    summary, parts = store.summary("removals"), store.parts("removals")
    assert summary and summary.rows == 3
    assert summary.inputs == {"r1": parts["r1"].sha256, "r2": parts["r2"].sha256}
    assert store.summary("nothing") is None


def test_a_copy_has_the_rows_and_a_note_of_its_own(store: Store) -> None:
    store.write("removals", rows(2), MADE, "r1")
    store.copy("removals", "level1_removals", Provenance("code-2", {"removals": "x"}), "r1")
    found = again(store)
    note, source = found.note("level1_removals", "r1"), found.note("removals", "r1")
    assert note and source
    assert (note.rows, note.sha256, note.code) == (2, source.sha256, "code-2")
    assert pq.read_table(found.path("level1_removals", "r1")).equals(rows(2))
