"""A published site: whole or not there, never over a stranger's file, counts alone unless rows are asked for."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import frictionless
import pytest

from sc_pipeline import plan
from sc_pipeline.errors import UsageError, UserError
from sc_pipeline.look import Look
from sc_pipeline.project import Project
from sc_pipeline.report import site as sites
from sc_pipeline.report.opening import EXPLORER, REPORT, page_of
from sc_pipeline.report.site import ROW_TABLES, SUMS, publish_site
from sc_pipeline.warehouse.export import DATABASE
from sc_pipeline.warehouse.tables import published_tables
from tests.builders import cases, copy_of, removal

DAY = "2012-05-17"  # only the row of the record has it


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with one case-level release, its pages too; no test may change it."""
    folder = tmp_path_factory.mktemp("site") / "project"
    project = Project(folder / "raw", folder / "warehouse")
    cases(project, "one", [removal(DAY)])
    plan.build(Look(project))
    return project


@pytest.fixture(scope="module")
def site(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published") / "site"
    publish_site(built, folder, with_rows=False)
    return folder


def contents(folder: Path) -> dict[str, str]:
    """File -> sha256."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_every_file_is_in_the_list_of_checksums(site: Path) -> None:
    head, *lines = (site / SUMS).read_text().splitlines()
    assert head.startswith("#")
    listed = {name: sha for sha, name in (line.split("  ") for line in lines)}
    assert listed == {name: sha for name, sha in contents(site).items() if name != SUMS}


def test_every_link_of_the_first_page_leads_to_a_file(site: Path) -> None:
    page = (site / "index.html").read_text(encoding="utf-8")
    links = set(re.findall(r'href="([^"#]+)"', page))
    assert {"report/index.html", "report/explorer.html", f"data/{DATABASE}", "data/datapackage.json"} < links
    assert [link for link in links if not (site / link).is_file()] == []


def test_the_first_page_says_of_when_and_from_which_releases(site: Path) -> None:
    page = (site / "index.html").read_text(encoding="utf-8")
    assert "Figures to May 2012." in page
    assert "(one)" in page
    assert "SIMULATED" not in page


def test_the_pages_work_from_their_new_place(site: Path) -> None:
    for name in (REPORT, EXPLORER):
        page = (site / "report" / name).read_text(encoding="utf-8")
        links = set(re.findall(r'(?:href|src)="([^"#:]+)(?:#[^"]*)?"', page))
        assert [link for link in links if not (site / "report" / link).is_file()] == []


def test_no_row_of_a_record_is_published_unless_asked_for(site: Path) -> None:
    assert [name for name in contents(site) if Path(name).stem in ROW_TABLES] == []
    assert [path.name for path in site.rglob("*") if path.is_file() and DAY.encode() in path.read_bytes()] == []
    with duckdb.connect(site / "data" / DATABASE, read_only=True) as connection:
        named = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
    marts = {name for name, schema in published_tables().items() if schema == "main"} - set(ROW_TABLES)
    assert named == marts | {"releases", "source_files", "month_sources"}
    assert "not part of this site" in (site / "index.html").read_text(encoding="utf-8")


def test_rows_come_when_asked_for_and_the_page_says_what_they_are(built: Project, tmp_path: Path) -> None:
    found = publish_site(built, tmp_path / "site", with_rows=True)
    assert found.rows == 1
    assert DAY in (tmp_path / "site" / "data" / "csv" / "removals.csv").read_text()
    assert "someone who knows a person may recognize a row" in (tmp_path / "site" / "index.html").read_text()


def test_the_tables_are_a_valid_data_package_and_the_same_in_each_format(site: Path) -> None:
    package = site / "data" / "datapackage.json"
    assert frictionless.Package(str(package)).validate().valid
    assert {resource["format"] for resource in json.loads(package.read_text())["resources"]} == {
        "csv",
        "parquet",
        "duckdb",
    }
    with duckdb.connect(site / "data" / DATABASE, read_only=True) as connection:
        mine = connection.execute("from removals_by_month").fetchall()
        parquet = str(site / "data" / "parquet" / "removals_by_month.parquet")
        assert mine == connection.execute("from read_parquet(?)", [parquet]).fetchall()
        comment = (
            "select comment from duckdb_columns() where table_name = 'removals_by_month' and column_name = 'month'"
        )
        assert connection.execute(comment).fetchall() != [(None,)]


def test_an_earlier_site_is_replaced_whole(built: Project, site: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    publish_site(built, folder, with_rows=True)
    publish_site(built, folder, with_rows=False)
    assert contents(folder).keys() == contents(site).keys()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "notes.txt").write_text("mine"),
        lambda folder: (folder / "index.html").write_text("edited"),
        lambda folder: (folder / "link").symlink_to(folder / "index.html"),
    ],
    ids=["a file beside", "an edited file", "a link"],
)
def test_a_strangers_file_is_left_alone(
    built: Project, site: Path, tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    folder = tmp_path / "site"
    shutil.copytree(site, folder)
    spoil(folder)
    before = contents(folder)
    with pytest.raises(UsageError, match="not written by sc-pipeline publish or edited since; name another folder"):
        publish_site(built, folder, with_rows=False)
    assert contents(folder) == before


def test_a_list_of_checksums_of_another_program_does_not_make_a_folder_ours(built: Project, tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("theirs")
    (tmp_path / SUMS).write_text(f"{contents(tmp_path)['theirs']}  theirs\n")
    with pytest.raises(UsageError, match="holds theirs"):
        publish_site(built, tmp_path, with_rows=False)
    assert contents(tmp_path).keys() == {"theirs", SUMS}


def test_an_empty_folder_is_filled_and_a_file_is_refused(built: Project, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    publish_site(built, tmp_path / "empty", with_rows=False)
    assert (tmp_path / "empty" / "index.html").exists()
    with pytest.raises(UsageError, match="is a file; name a folder"):
        publish_site(built, tmp_path / "empty" / "index.html", with_rows=False)


@pytest.mark.parametrize("earlier", [True, False])
def test_a_full_disk_leaves_what_was_there(
    built: Project, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, earlier: bool
) -> None:
    folder = tmp_path / "site"
    if earlier:
        shutil.copytree(site, folder)

    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sites, "index_page", full)
    with pytest.raises(UserError, match=r"not published, and left as it was: .*No space left on device"):
        publish_site(built, folder, with_rows=False)
    assert (contents(folder) if earlier else folder.exists()) == (contents(site) if earlier else False)
    assert [path.name for path in tmp_path.iterdir()] == (["site"] if earlier else [])


def test_what_is_not_built_or_older_than_the_published_file_is_one_line(built: Project, tmp_path: Path) -> None:
    project = copy_of(Project(built.raw, built.warehouse), tmp_path / "project")
    (project.site / REPORT).write_text("touched")
    with pytest.raises(UserError, match="not of the published file as it is now; run: sc-pipeline build"):
        publish_site(project, tmp_path / "site", with_rows=False)
    (project.site / REPORT).unlink()
    for ask in (lambda: publish_site(project, tmp_path / "site", with_rows=False), lambda: page_of(project, REPORT)):
        with pytest.raises(UserError, match=r"index\.html: not built yet; run: sc-pipeline build"):
            ask()
    assert not (tmp_path / "site").exists()
