"""Every row that was taken from elsewhere says from where, or that it is unverified."""

import csv

import pytest

from sc_pipeline import reference

# Tables decided in this project; known_files.csv has its source by release, in known_releases.csv.
OURS = {"constants", "figures", "statuses", "subset_fields", "subsets"}
BY_RELEASE = {"known_files"}
SOURCES = {"claims": "citation", "published_figures": "publication"}
TABLES = sorted(path.stem for path in reference.FOLDER.glob("*.csv"))


def rows_of(table: str) -> list[dict[str, str]]:
    with reference.path_of(table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("table", [table for table in TABLES if table not in OURS | BY_RELEASE])
def test_every_row_has_a_source(table: str) -> None:
    rows = rows_of(table)
    assert rows
    assert [row for row in rows if not (row[SOURCES.get(table, "source")] or "").strip()] == []


def test_every_known_file_has_a_release_with_a_source() -> None:
    known = {row["release"] for row in rows_of("known_releases")}
    assert {row["release"] for row in rows_of("known_files")} <= known


def test_every_table_is_on_the_page_that_lists_them() -> None:
    page = (reference.FOLDER / "README.md").read_text(encoding="utf-8")
    assert [table for table in TABLES if f"`{table}.csv`" not in page] == []


def test_an_area_has_one_name_and_each_of_its_names_is_listed_once() -> None:
    rows = rows_of("areas")
    names = [row["name"] for row in rows]
    assert len(names) == len(set(names)) and all(name == name.upper() for name in names)
    assert {row["aor"] for row in rows} <= set(names)
