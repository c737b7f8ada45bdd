"""Every case comes out right: many small releases in a few builds, each failure named by its case."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from sc_pipeline import cli
from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.project import Project
from tests.builders import IS_FULL, MakeOnce, empty_project
from tests.cases import Case, accepted, beside, days, identifiers, kinds, marks, silence, tables
from tests.cases.shapes import ICE, removals, table, text

# Built together: few builds, since each takes seconds whatever is in it.
TOGETHER = {"first": (beside, days, identifiers, kinds), "second": (marks, silence, tables)}
# Troubles that were met; every second one of the others waits for the full run, which takes minutes.
MET = frozenset(
    [
        "arrests-beside-removals",
        "beside-checksums",
        "beside-data-dictionary",
        "beside-datapackage",
        "beside-readme-txt",
        "codes-with-apostrophe",
        "conviction-columns-blank",
        "county-sums-hold-the-silence",
        "dates-day-first",
        "detainer-dates-oracle-style",
        "detainers-begin-with-the-file",
        "end-of-day-times",
        "error-cell-field",
        "error-cell-getting-data",
        "error-cell-spill",
        "header-repeated-in-csv",
        "html-named-xls",
        "ids-17-digits-zeroed-by-excel",
        "ids-19-digits-as-numbers",
        "ids-error-value",
        "ids-leading-zeros-lost",
        "ids-written-as-a-dash",
        "ids-written-nan",
        "ids-written-zero",
        "known-name-of-a-required-column",
        "later-than-received",
        "mark-b6-b7c",
        "mark-black-boxes",
        "mark-bracketed",
        "mark-in-words",
        "mark-with-statute",
        "misspelled-optional-column",
        "no-detainers-in-the-release",
        "one-byte-of-another-encoding",
        "pending-is-not-convicted",
        "rows-cut-after-last-value",
        "same-rows-csv-and-xlsx",
        "same-rows-hidden-sheet",
        "serials-in-a-1904-workbook",
        "sheet-continued-without-header",
        "table-saved-by-excel",
        "threat-level-in-words",
        "two-digit-years-in-the-future",
        "two-tables-in-one-file",
        "workbook-with-pivot-sheet",
        "year-to-date-files",
        "zero-width-spaces",
        "zip-in-a-zip",
    ]
)
GROUPS: dict[str, list[Case]] = {}
for group, modules in TOGETHER.items():
    cases = [case for module in modules for case in module.CASES]
    others = [case for case in cases if case.name not in MET]
    GROUPS[group] = [case for case in cases if case.name in MET] + others[::2]
    GROUPS[f"more {group}"] = others[1::2]
NAMED = {case.name: (group, case) for group, cases in GROUPS.items() for case in cases}


def _slow(group: str) -> list[pytest.MarkDecorator]:
    """Every second variation of a kind runs where endurance is full."""
    is_more = group.startswith("more") and not IS_FULL
    return [pytest.mark.skip(reason="runs where SC_PIPELINE_ENDURANCE=full")] if is_more else []


@dataclass(frozen=True)
class Built:
    """What a build of many cases came to: the published file, and each refusal in a line."""

    connection: duckdb.DuckDBPyConnection | None
    problems: list[str] = field(default_factory=list)


def build(cases: list[Case], folder: Path) -> Project:
    """The cases as releases of one project, built; its refusals are written beside it."""
    project = empty_project(folder)
    for case in cases:
        case.write(project.raw)
    (folder / "problems.json").write_text(json.dumps(build_without_dagster(project)))
    return project


def outcome(project: Project) -> Built:
    """What a build of cases came to."""
    problems = json.loads((project.raw.parent / "problems.json").read_text())
    if not project.published.exists():
        return Built(None, problems)
    connection = duckdb.connect(str(project.published), read_only=True)
    connection.execute("set search_path = 'main,core,meta'")
    return Built(connection, problems)


@pytest.fixture(scope="module")
def builds(once: MakeOnce) -> Callable[[str], Built]:
    """A group's cases in one project, built when first asked for."""

    @cache
    def of_group(group: str) -> Built:
        return outcome(once(f"cases-{group.replace(' ', '-')}", lambda folder: build(GROUPS[group], folder)))

    return of_group


def trouble(case: Case, found: Built) -> str:
    """What is wrong with a case, or nothing."""
    lines = [line for line in found.problems if re.match(rf"{re.escape(case.name)}[:/]", line)]
    if lines:
        missing = [word for word in case.refused if not any(re.search(word, line, re.I) for line in lines)]
        return "" if case.refused and not missing else f"refused: {lines}"
    if not case.check or found.connection is None:
        return "not refused"
    wrong = found.connection.execute(case.check, {"release": case.name}).fetchall()
    known = found.connection.execute(
        "select 1 from releases where release_id = $release", {"release": case.name}
    ).fetchall()
    return f"wrong: {wrong[:5]}" if wrong else "" if known else "no such release"


@pytest.mark.parametrize("name", [pytest.param(name, marks=_slow(group)) for name, (group, _) in NAMED.items()])
def test_case(name: str, builds: Callable[[str], Built]):
    group, case = NAMED[name]
    assert trouble(case, builds(group)) == ""


@pytest.mark.parametrize("group", [pytest.param(group, marks=_slow(group)) for group in GROUPS])
def test_rows_are_never_lost(group: str, builds: Callable[[str], Built]):
    connection = builds(group).connection
    assert connection is not None
    query = """
        select release_id, file
        from source_files
        where rows_read <> rows_accepted + rows_quarantined + rows_left_out
    """
    assert connection.execute(query).fetchall() == []


def good(salt: str) -> dict[str, bytes]:
    """Twelve removals."""
    return {"removals.csv": text(table(removals(salt), ICE))}


def two(salt: str) -> dict[str, bytes]:
    """Two removals."""
    return {"removals.csv": text(table(removals(salt, 2, date(2025, 5, 3)), ICE))}


BAD = {
    "nested-brackets": lambda salt: two(salt) | {"release.toml": b"title = " + b"[" * 4000 + b"]" * 4000},
    "unknown-key": lambda salt: two(salt) | {"release.toml": b'titel = "a mistake"\n'},
    "no-toml": lambda salt: two(salt) | {"release.toml": b"title = \xff\xfe\n"},
    "cut-archive": lambda salt: {"removals.zip": b"PK\x03\x04 cut"},
    "ragged-months": lambda salt: {"t.csv": b"Month,ICE Removals\n2016-08,1,2\n2016-09,3\n"},
    "ragged-years": lambda salt: {"t.csv": b"FY,ICE Removals\n2015,1\n2016,3,4,5\n"},
    "only-ragged-months": lambda salt: {"t.csv": b"Month,ICE Removals\n2016-08,1,2\n2016-09,3,4\n"},
    "two-numbers": lambda salt: {
        "a.csv": b"Month,ICE Removals\n2016-08,1\n",
        "b.csv": b"Month,ICE Removals,SC Removals\n2016-08,2,1\n",
    },
    "twin": two,
    "Twin": two,
}


def test_one_bad_release_costs_the_others_nothing(tmp_path: Path):
    cases = [Case(name, files) for name, files in BAD.items()]
    found = outcome(build([*cases, Case("good", good)], tmp_path / "project"))
    lines = {name: [line for line in found.problems if line.startswith((f"{name}:", f"{name}/"))] for name in BAD}
    assert {name: len(refused) for name, refused in lines.items()} == dict.fromkeys(BAD, 1)
    assert not any("\n" in line or "Traceback" in line for line in found.problems)
    assert found.connection is not None
    query = "select sum(removals) from monthly_removals where subset = 'all'"
    assert found.connection.execute(query).fetchall() == [(12,)]


def run_build(folder: Path, warehouse: str, monkeypatch: pytest.MonkeyPatch) -> Result:
    """`sc-pipeline build` as somebody in a folder gives it."""
    for name in ("DAGSTER_HOME", "SC_PIPELINE_RAW", "SC_PIPELINE_WAREHOUSE"):
        monkeypatch.setenv(name, str(folder))  # a build sets them; here they are put back afterwards
    monkeypatch.chdir(folder)
    return CliRunner().invoke(cli.main, ["build", "--raw", "raw", "--warehouse", warehouse])


@pytest.mark.slow
@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("name", ["FOIA%20data", "100% of it", "a#b=c [2024] it's *"])
def test_a_warehouse_may_have_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    Case("good", good).write(tmp_path / "raw")
    done = run_build(tmp_path, name, monkeypatch)
    assert (done.exit_code, sorted(path.name for path in tmp_path.iterdir())) == (0, sorted(["raw", name])), done.output
    connection = duckdb.connect(str(tmp_path / name / "sc_pipeline.duckdb"), read_only=True)
    connection.execute("set search_path = 'main,core,meta'")
    assert connection.execute(accepted(12), {"release": "good"}).fetchall() == []


def test_a_question_mark_in_the_warehouse_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    done = run_build(tmp_path, "why?", monkeypatch)
    assert (done.exit_code, len(done.stderr.splitlines()), "question mark" in done.stderr) == (2, 1, True), done.output
    assert list(tmp_path.iterdir()) == []


def test_the_troubles_met_are_all_here():
    assert set(NAMED) >= MET


def test_no_two_cases_share_a_name():
    assert len(NAMED) == sum(map(len, GROUPS.values()))
