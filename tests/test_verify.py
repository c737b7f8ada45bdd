"""The same inputs give the same tables anywhere, and a difference is named with what explains it."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.errors import UserError
from sc_pipeline.project import REPOSITORY, Project
from sc_pipeline.simulate import simulate_together
from sc_pipeline.warehouse.verify.compare import EDITED, UNEXPLAINED, Difference, compare, verify
from sc_pipeline.warehouse.verify.lock import check_lock, write_lock
from tests.builders import HEADER, IS_FULL, TRAC, MakeOnce, ask, cases, copy_of, removal

TABLE_1 = "trac-2017-11/table1_convictions.csv"
# What rests on the cell of one month of Table 1, which no claim is about.
RESTS_ON_TABLE_1 = {
    "staged_rows",
    "published_counts",
    "source_files",
    "releases",
    "release_months",
    "monthly_removals",
    "twelve_months",
    "running_averages",
    "convictions",
    "removals_by_month",
    "figure_values",
    "headline_figures",
    "published_comparison",
}
BUILD = """
import os, sys
from pathlib import Path

class Listing:
    # What a folder holds, first to last or last to first, as a file system may list it.
    def __init__(self, entries):
        self.entries = iter(entries)
    def __enter__(self):
        return self
    def __exit__(self, *_):
        pass
    def __iter__(self):
        return self
    def __next__(self):
        return next(self.entries)
    def close(self):
        pass

scandir, listdir, backward = os.scandir, os.listdir, sys.argv[4] == "backward"
os.scandir = lambda path=".": Listing(sorted(scandir(path), key=lambda entry: entry.name, reverse=backward))
os.listdir = lambda path=".": sorted(listdir(path), reverse=backward)

from sc_pipeline import sql as engine
from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.project import Project
engine.run.__defaults__ = (int(sys.argv[3]),)
sys.exit("; ".join(build_without_dagster(Project(Path(sys.argv[1]), Path(sys.argv[2])))) or None)
"""
# What the published file holds as text, but for what tells when and by which code a table was made.
TEXT_COLUMNS = """
    select table_schema || '.' || table_name, list('"' || column_name || '"' order by column_name)
    from information_schema.columns
    where data_type = 'VARCHAR' and table_schema || '.' || table_name <> 'meta.tables' and column_name <> 'changed_at'
    group by all
"""
PLACES = (
    # A system whose texts are not UTF-8, and one with a dotless i.
    {
        "TZ": "Pacific/Auckland",
        "LC_ALL": "C",
        "LANG": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "POLARS_MAX_THREADS": "1",
        "PYTHONHASHSEED": "1",
        "threads": "1",
        "order": "forward",
    },
    {
        "TZ": "America/Caracas",
        "LC_ALL": "tr_TR.UTF-8",
        "LANG": "tr_TR.UTF-8",
        "POLARS_MAX_THREADS": "3",
        "PYTHONHASHSEED": "2",
        "threads": "3",
        "order": "backward",
    },
)


@pytest.fixture(scope="module")
def shipped(once: MakeOnce) -> Project:
    """The shipped release, built; its manifest states no sha256, so that tests may change its files."""
    return once("shipped-without-sha256", without_sha256)


def without_sha256(folder: Path) -> Project:
    project = Project(folder / "raw", folder / "warehouse")
    shutil.copytree(TRAC, project.raw / TRAC.name)
    manifest = project.raw / TRAC.name / "release.toml"
    manifest.write_text(re.sub(r'sha256 = ".*"\n', "", manifest.read_text(encoding="utf-8")), encoding="utf-8")
    assert build_without_dagster(project) == []
    return project


@pytest.fixture
def project(shipped: Project, tmp_path: Path) -> Project:
    """A copy of it, to be changed."""
    return copy_of(shipped, tmp_path / "copy")


def change(project: Project, old: str, new: str) -> None:
    """Another text in Table 1."""
    path = project.raw / TABLE_1
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def build_elsewhere(raw: Path, folder: Path, place: dict[str, str]) -> dict[str, str]:
    """Build in a process of its own, from a copy of raw/ in a folder that lists in another order; table -> sha256."""
    shutil.copytree(raw, folder / "here")
    environment = {**os.environ, **{name: value for name, value in place.items() if name not in ("threads", "order")}}
    arguments = [sys.executable, "-c", BUILD, "here", "built there", place["threads"], place["order"]]
    done = subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with duckdb.connect(folder / "built there" / "sc_pipeline.duckdb", read_only=True) as connection:
        return dict(connection.execute("select table_name, sha256 from meta.tables").fetchall())


def build_everywhere(raw: Path, folder: Path) -> list[dict[str, str]]:
    folders = [folder / "first", folder / "the second, elsewhere"]
    return [build_elsewhere(raw, each, place) for each, place in zip(folders, PLACES, strict=True)]


def test_shipped_data_gives_the_locked_hashes(shipped_once: Project) -> None:
    """Where this fails, a change of code changed tables: look at what changed, say so in CHANGELOG.md, and write the
    lock again with `sc-pipeline verify --write-lock`."""
    assert [difference.in_words() for difference in check_lock(replace(shipped_once, folder=REPOSITORY))] == []


def test_builds_are_the_same_in_any_zone_language_encoding_folder_and_number_of_threads(tmp_path: Path) -> None:
    project = Project(tmp_path / "raw", tmp_path / "warehouse")
    shutil.copytree(TRAC, project.raw / TRAC.name)
    # Their manifests name no files, so that the order in which the folders list them could matter.
    for release, day in (("first", "03"), ("second", "04")):
        folder = cases(project, release, [removal(f"{day}MAY12", "0999"), removal("31FEB12")])
        (folder / "more.csv").write_text("\n".join([HEADER, removal(f"{day}JUN12", county="Nowhere")]) + "\n")
    people = ["ice_removals_2025_07", "ice_detainers_2025_07"]
    simulate_together(people, project.raw, 200, release_id="joined", format="csv")
    first, second = build_everywhere(project.raw, tmp_path)
    assert first == second
    assert len(first) > 25
    locked = json.loads((REPOSITORY / "warehouse.lock.json").read_text(encoding="utf-8"))["tables"]
    assert first.keys() == locked.keys()


def test_no_clock_and_no_path_is_in_any_table_but_tables_and_history(tmp_path: Path) -> None:
    project = Project(tmp_path / "raw", tmp_path / "warehouse")
    shutil.copytree(TRAC, project.raw / TRAC.name)
    cases(project, "counted", [removal("03MAY12", "0999"), removal("31FEB12"), removal("04MAY12", county="Nowhere")])
    cases(project, "refused", [removal("soon")])
    cases(project, "doubled", [removal("03MAY12", "0999"), removal("31FEB12"), removal("04MAY12", county="Nowhere")])
    (project.raw / "named" / "deep").mkdir(parents=True)
    (project.raw / "named" / "release.toml").write_text('title = "x"\n[[files]]\nname = "nosuch.csv"\n')
    assert len(build_without_dagster(project)) == 3
    cases(project, "later", [removal("03JUN12", "0999")])
    assert len(build_without_dagster(project)) == 3
    here = re.compile(
        rf"{re.escape(str(tmp_path))}|{re.escape(str(REPOSITORY))}|{re.escape(os.uname().nodename)}|{date.today()}"
    )
    assert here.search(str(ask(project, "from meta.tables")))
    with duckdb.connect(project.published, read_only=True) as connection:
        tables = connection.execute(TEXT_COLUMNS).fetchall()
        assert sum(len(columns) for _, columns in tables) > 200
        for table, columns in tables:
            for row in connection.execute(f"select distinct {', '.join(columns)} from {table}").fetchall():
                assert not here.search(str(row)), (table, columns, row)


def test_one_digit_changes_exactly_the_tables_that_rest_on_it_and_verify_names_file_and_month(project: Project) -> None:
    change(project, '"4,894"', '"4,895"')
    found = verify(project, build_without_dagster)
    kinds = {kind: [each for each in found if each.kind == kind] for kind in ("input", "table", "month", "figure")}
    assert [each.name for each in kinds["input"]] == [TABLE_1]
    assert {each.name for each in kinds["table"]} == RESTS_ON_TABLE_1
    assert {each.because for each in found if each.kind != "input"} == {(TABLE_1,)}
    figure = "reported, published of trac-2017-11"
    assert kinds["month"] == [
        Difference("month", "2016-08, sc, convicted", f"4,894 ({figure})", f"4,895 ({figure})", (TABLE_1,))
    ]
    assert {(each.name, each.old, each.new) for each in kinds["figure"]} == {
        ("change_any_offense", "296.0 (2016-08 to 2017-07)", "295.0 (2016-08 to 2017-07)"),
        ("change_any_offense_12m", "529.0 (2016-08 to 2017-07)", "530.0 (2016-08 to 2017-07)"),
        ("latest_any_offense_12m", "5074.0 (2017-07 to 2017-07)", "5075.0 (2017-07 to 2017-07)"),
    }
    assert sum(map(len, kinds.values())) == len(found)


def test_a_month_taken_over_by_another_release_is_explained_by_it(project: Project, tmp_path: Path) -> None:
    old = tmp_path / "old.duckdb"
    shutil.copy(project.published, old)
    cases(project, "new", [removal("03MAY12", "0999")], "received = 2018-01-31\ncovers = [2012-05-01, 2012-05-31]\n")
    assert build_without_dagster(project) == []
    found = compare(old, project.published)
    assert found[:2] == [
        Difference("input", "new/new.csv", "none", found[0].new),
        Difference("input", "release new", "none", "ready"),
    ]
    months = [each for each in found if each.kind == "month"]
    assert months[0] == Difference(
        "month",
        "2012-05, sc, all",
        "7,813 (reported, published of trac-2017-11)",
        "1 (reported, records of new)",
        ("new/new.csv", "release new"),
    )
    assert {each.name[:7] for each in months} == {"2012-05"}


def test_a_manifest_that_changed_explains_what_it_changed(project: Project) -> None:
    manifest = project.raw / TRAC.name / "release.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"ICE"', '"U.S. ICE"'), encoding="utf-8")
    change_of_agency = Difference("input", "trac-2017-11/release.toml, agency", "ICE", "U.S. ICE")
    reason = ("trac-2017-11/release.toml, agency",)
    found = verify(project, build_without_dagster)
    assert found[0] == change_of_agency
    assert [(each.kind, each.name, each.because) for each in found[1:]] == [("table", "releases", reason)]


def with_facts(project: Project, folder: Path, sql: str) -> Path:
    """A copy of the published file that says something else of its tables."""
    folder.mkdir()
    path = folder / "other.duckdb"
    shutil.copy(project.published, path)
    with duckdb.connect(path) as connection:
        connection.execute(sql)
    return path


def test_a_change_of_code_explains_a_table_and_what_follows(shipped: Project, tmp_path: Path) -> None:
    other = with_facts(
        shipped,
        tmp_path / "other",
        """
        update meta.tables set sha256 = 'other', code_version = 'newer' where table_name = 'running_averages';
        update meta.tables set sha256 = 'other', inputs = json_merge_patch(inputs, '{"running_averages": "other"}')
        where table_name = 'convictions';
        update meta.tables set code_version = 'newer' where table_name = 'claim_checks'
        """,
    )
    found = compare(shipped.published, other)
    because = ("code of running_averages",)
    assert [(each.kind, each.name, each.because) for each in found] == [
        ("code", "running_averages", ()),
        ("table", "running_averages", because),
        ("table", "convictions", because),
    ]


def test_what_nothing_explains_is_said_to_be_unexplained(shipped: Project, tmp_path: Path) -> None:
    other = with_facts(
        shipped, tmp_path / "other", "update meta.tables set sha256 = 'x' where table_name = 'convictions'"
    )
    (found,) = compare(shipped.published, other)
    assert (found.name, found.because) == ("convictions", (UNEXPLAINED,))


def test_rows_that_somebody_changed_in_a_published_file_are_named(shipped: Project, tmp_path: Path) -> None:
    other = with_facts(shipped, tmp_path / "other", "update convictions set level1 = 2068 where level1 = 2067")
    (found,) = compare(shipped.published, other)
    assert (found.kind, found.name, found.because) == ("table", "convictions", (EDITED,))


def test_what_is_no_warehouse_is_one_clear_line(shipped: Project, tmp_path: Path) -> None:
    text, empty = tmp_path / "notes.txt", tmp_path / "empty.duckdb"
    text.write_text("not a database" * 100)
    duckdb.connect(empty).close()
    for path in (text, empty):
        with pytest.raises(UserError, match=rf"{path.name}: is not a warehouse this version can compare: [^\n]+$"):
            compare(path, shipped.published)
    with pytest.raises(UserError, match="nothing is published yet; run: sc-pipeline build"):
        verify(Project(tmp_path, tmp_path / "nowhere"), build_without_dagster)


def test_the_lock_names_what_differs(shipped: Project) -> None:
    path = shipped.hash_lock
    write_lock(shipped)
    assert check_lock(shipped) == []
    locked = json.loads(path.read_text(encoding="utf-8"))
    locked["tables"]["convictions"]["sha256"] = "other rows"
    locked["files"][TABLE_1] = "other bytes"
    path.write_text(json.dumps(locked), encoding="utf-8")
    assert [(each.kind, each.name, each.old) for each in check_lock(shipped)] == [
        ("input", TABLE_1, "other bytes"),
        ("table", "convictions", "other rows"),
    ]
    with pytest.raises(UserError, match="--write-lock"):
        check_lock(replace(shipped, folder=shipped.raw))


@pytest.mark.skipif(not IS_FULL, reason="two builds of the whole demonstration: part of endurance")
def test_the_demo_is_the_same_in_any_zone_language_and_number_of_threads(demo_once: Project, tmp_path: Path) -> None:
    here = dict(ask(demo_once, "select table_name, sha256 from meta.tables"))
    assert build_everywhere(demo_once.raw, tmp_path) == [here, here]


def test_the_lock_is_of_the_data_that_ships() -> None:
    locked = json.loads((REPOSITORY / "warehouse.lock.json").read_text(encoding="utf-8"))
    assert [*locked["files"]] == [
        "ice-yearly-totals/removals_by_fiscal_year.csv",
        TABLE_1,
        "trac-2017-11/table2_removals_by_source.csv",
    ]
