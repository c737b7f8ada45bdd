"""What tells who a person is stays in staging: not in quarantine, messages, traces, exports; and a check names it."""

import stat
from pathlib import Path

import polars as pl
import pytest

from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.project import Project
from sc_pipeline.staged.personal import NOT_SHOWN, is_personal, shown, values_look_personal
from sc_pipeline.warehouse.export import export
from sc_pipeline.warehouse.trace.why import why
from tests.builders import ask, empty_project
from tests.cases.shapes import ICE, removals, table, text

HEADER = ["Name", "Alien File Number", "Birth Date", "Home Address", "Case Number", *ICE]
SECRETS = ("GARCIA", "LUZ", "A1973", "197350", "05/06/1981", "ELM STREET")


@pytest.mark.parametrize(
    "name",
    [
        "Name",
        "First Name",
        "LAST_NAME",
        "LastName",
        "Name (Last, First)",
        "Subject Name",
        "Mother's Name",
        "A-Number",
        "A#",
        "Alien File Number",
        "Alien Registration Number",
        "SSN",
        "FBI Number",
        "DOB",
        "Date of Birth",
        "Birth Date",
        "Home Address",
        "Address 1",
        "Street",
        "E-mail",
        "Phone Number",
        "Passport No",
    ],
)
def test_names_of_personal_columns(name: str) -> None:
    assert is_personal(name)


@pytest.mark.parametrize(
    "name",
    [
        "Facility Name",
        "Detainer Facility Name",
        "County Name",
        "Birth Year",
        "Alien Number Unique Identifier",
        "Unique Identifier",
        "Case ID",
        "MSC Charge Code",
        "State",
        "A",
        "",
        None,
    ],
)
def test_names_of_columns_that_tell_of_nobody(name: str | None) -> None:
    assert not is_personal(name)


@pytest.mark.parametrize(
    ("value", "field", "beside", "is_shown"),
    [
        ("A123-456-789", "departed_date", False, False),
        ("123-45-6789", "county", False, False),
        ("05/06/1981", "birth_year", False, False),
        ("29712", "birth_year", False, False),
        ("81", "birth_year", False, True),
        ("12 Elm Street", "county", False, False),
        ("GARCIA, LUZ", "departed_date", True, False),
        ("GARCIA", "departed_date", True, False),
        ("soon", "departed_date", False, True),
        ("31/31/2025", "departed_date", True, False),
        ("31/31/2025", "departed_date", False, True),
        ("Harris Cnty", "county", True, True),
        (None, "county", True, True),
    ],
)
def test_values_out_of_place(value: str | None, field: str, beside: bool, is_shown: bool) -> None:
    found = pl.Series("value", [value], pl.String).to_frame().select(shown(pl.col("value"), field, beside)).item()
    assert found == (value if is_shown else NOT_SHOWN)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A release whose columns tell who each person is, with rows that slipped."""
    project = empty_project(tmp_path_factory.mktemp("personal") / "project")
    people = {
        "Name": "GARCIA, LUZ",
        "Alien File Number": "A197350624",
        "Birth Date": "05/06/1981",
        "Home Address": "12 ELM STREET",
        "Case Number": "123-456-789",
    }
    rows = [people | row for row in removals("personal", 40)]
    for number, value in enumerate(people.values()):
        rows[number] |= {"Departed Date": value}
    rows[6] |= {"Birth Year": "05/06/1981"}
    rows[7] |= {"Gender": "GARCIA, LUZ"}
    cells = table(rows, HEADER)
    cells[9] = [*cells[9], "GARCIA, LUZ", "A197350624"]
    cells[10][0] = '"GARCIA, LUZ'
    folder = project.raw / "people"
    folder.mkdir()
    (folder / "people.csv").write_bytes(text(cells))
    assert build_without_dagster(project) == []
    return project


def assert_silent(said: str) -> None:
    assert [secret for secret in SECRETS if secret in said] == []


def test_values_are_looked_at_all_over_a_column() -> None:
    numbers = pl.Series(["none given"] * 4_000 + [f"A{number:09}" for number in range(100_000_000, 100_006_000)])
    assert values_look_personal(numbers)
    assert not values_look_personal(numbers.head(7_000))


def test_no_published_table_holds_them(built: Project, tmp_path: Path) -> None:
    for path in export(built, tmp_path / "export", (), ("csv",)):
        assert_silent(path.read_text(encoding="utf-8"))
    assert_silent(built.published.read_bytes().decode("latin-1"))
    ((hidden,),) = ask(built, f"select count(*) from meta.quarantine where value = '{NOT_SHOWN}'")
    assert hidden == 7


def test_a_check_names_the_columns(built: Project) -> None:
    query = "select outcome, notes from meta.checks where check_name = 'no_column_tells_who_a_person_is'"
    ((outcome, notes),) = ask(built, query)
    assert outcome == "failed"
    assert "Name; Alien File Number; Birth Date; Home Address; Case Number" in notes


def test_redacted_columns_warn_of_nothing(tmp_path: Path) -> None:
    project = empty_project(tmp_path)
    rows = [{"Alien File Number": "(b)(6), (b)(7)(C)", "Subject Name": "XXXX"} | row for row in removals("redacted")]
    (project.raw / "redacted.csv").write_bytes(text(table(rows)))
    assert build_without_dagster(project) == []
    assert ask(project, "select personal_columns from meta.source_files") == [(None,)]


def test_a_trace_says_that_a_cell_is_not_shown(built: Project) -> None:
    told = "\n".join(why(built, "people.csv:20"))
    assert f"Name: {NOT_SHOWN}" in told
    assert "Departed Date: " in told
    assert_silent(told.replace("123-456-789", ""))


def test_a_file_none_of_whose_rows_counts_is_refused_without_their_values(tmp_path: Path) -> None:
    project = empty_project(tmp_path)
    rows = [row | {"Departed Date": "A197350624", "Name": "GARCIA, LUZ"} for row in removals("none")]
    (project.raw / "none.csv").write_bytes(text(table(rows, ["Name", *ICE])))
    (problem,) = build_without_dagster(project)
    assert NOT_SHOWN in problem
    assert_silent(problem)


def test_a_personal_column_cannot_be_made_a_field(tmp_path: Path) -> None:
    project = empty_project(tmp_path)
    folder = project.raw / "mapped"
    folder.mkdir()
    (folder / "x.csv").write_bytes(text(table([{"Name": "GARCIA"} | row for row in removals("mapped")])))
    (folder / "release.toml").write_text('[[files]]\nname = "x.csv"\ncolumns = { "Name" = "county" }\n')
    assert build_without_dagster(project) == [
        "mapped: x.csv: release.toml, columns: 'Name' tells who a person is and is never published; "
        "take it out of columns"
    ]


def test_staged_rows_are_their_owner_s_alone(built: Project) -> None:
    folders = [path for path in (built.tables / "staged_rows").iterdir() if path.is_dir()]
    assert [stat.S_IMODE(path.stat().st_mode) for path in folders] == [0o700]


def test_the_secrets_are_in_the_staged_rows(built: Project) -> None:
    (part,) = (built.tables / "staged_rows").glob("*/*.parquet")
    assert "GARCIA, LUZ" in pl.read_parquet(part)["Name"].to_list()
