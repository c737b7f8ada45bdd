"""Every command of the command line: what it prints, its exit code, and one line for what a user did wrong."""

import csv
import json
import os
import shlex
import sys
from dataclasses import fields
from datetime import datetime
from io import StringIO
from pathlib import Path

import duckdb
import fastexcel
import pytest
from click.testing import CliRunner, Result

from sc_pipeline import __version__, cli, plan
from sc_pipeline.commands import options
from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.look import Look
from sc_pipeline.project import Project
from sc_pipeline.report.site import Site
from sc_pipeline.schemas.records import POPULATIONS, SUBSETS
from sc_pipeline.settled import fingerprint, settle
from sc_pipeline.simulate import SHAPES, Habits
from sc_pipeline.warehouse import export
from tests.builders import TRAC, ask, cases, copy_of, removal

EVERY_COMMAND = [
    "add",
    "build",
    "explore",
    "export",
    "init",
    "publish",
    "query",
    "report",
    "simulate",
    "status",
    "trace",
    "ui",
    "verify",
]


OF_THE_SITE = ("report", "explore", "publish")


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DAGSTER_HOME", "SC_PIPELINE_PROJECT", "SC_PIPELINE_RAW", "SC_PIPELINE_WAREHOUSE"):
        monkeypatch.setenv(name, "nowhere")  # a build sets them; here they are put back afterwards
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def run(*arguments: object, on: Project | None = None) -> Result:
    folders = ["--raw", str(on.raw), "--warehouse", str(on.warehouse)] if on else []
    return CliRunner().invoke(cli.main, [*map(str, arguments), *folders], catch_exceptions=False)


def said(result: Result) -> str:
    """The one line that a command ended with, and that it had code 1 or 2."""
    assert result.exit_code in (1, 2), result.output
    (line,) = result.stderr.splitlines()
    return f"{result.exit_code} {line}"


# --- help and wrong use


def examples(command: str) -> list[str]:
    """The lines of a command's help to copy, as they are printed."""
    lines = run(command, "--help").output.splitlines()
    return [line.strip() for line in lines if line.strip().startswith(f"sc-pipeline {command}")]


@pytest.mark.parametrize("command", [name for name in EVERY_COMMAND if name not in ("ui", *OF_THE_SITE)])
def test_the_examples_of_the_help_run_as_they_are_printed(
    shipped: Project, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """In a project with what the examples name: a file somebody brought, and a warehouse of last month."""
    home = shipped.warehouse.parent
    cases(Project(home / "inbox", home), "removals", [removal("2012-05-03")])
    (home / "inbox" / "removals" / "removals.csv").rename(home / "removals.csv")
    (home / "last-month.duckdb").write_bytes(shipped.published.read_bytes())
    monkeypatch.chdir(home)
    for line in examples(command):
        # The example is of a workbook and of a whole demonstration; what differs here is their size alone.
        typed = line.replace("removals.xlsx", "removals.csv").replace("--demo demo", "--demo demo --rows 2000")
        result = CliRunner().invoke(cli.main, shlex.split(typed)[1:], catch_exceptions=False)
        assert result.exit_code == 0, f"{line}\n{result.output}"


def test_the_examples_of_the_commands_of_the_site_run_as_they_are_printed(
    shipped: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webbrowser.open", lambda address: True)
    monkeypatch.chdir(shipped.warehouse.parent)
    plan.build(Look(shipped))
    for line in [line for command in OF_THE_SITE for line in examples(command)]:
        result = CliRunner().invoke(cli.main, shlex.split(line)[1:], catch_exceptions=False)
        assert result.exit_code == 0, f"{line}\n{result.output}"
    assert (Path("public") / "data" / "csv" / "convictions.csv").exists()


def test_values_listed_in_help_are_those_there_are() -> None:
    assert set(options.PRODUCTIONS) == set(SHAPES)
    assert list(options.HABITS) == [field.name for field in fields(Habits)]
    assert (options.FORMATS, options.POPULATIONS, options.SUBSETS) == (export.FORMATS, POPULATIONS, SUBSETS)


@pytest.mark.parametrize(
    ("arguments", "named", "beside"),
    [
        (["simulate", "--demo", "d", "--months", "2012-01", "2012-02"], "--months", "--demo"),
        (["simulate", "--demo", "d", "--format", "csv", "--release", "x"], "--format, --release", "--demo"),
        (["simulate", "--demo", "d", "--raw", "r", "--warehouse", "w"], "--raw, --warehouse", "--demo"),
        (["simulate", "--demo", "d", "--project", "."], "--project", "--demo"),
        (["trace", "--why", "x.csv:1", "--csv"], "--csv", "--why"),
        (["trace", "--why", "x.csv:1", "--limit", "5"], "--limit", "--why"),
        (["trace", "--why", "x.csv:1", "--subset", "all", "--population", "sc"], "--subset, --population", "--why"),
    ],
)
def test_an_option_without_an_effect_is_wrong_use(
    tmp_path: Path, arguments: list[str], named: str, beside: str
) -> None:
    assert said(run(*arguments)) == f"2 sc-pipeline: {named}: no effect beside {beside}; leave it out"
    assert list(tmp_path.iterdir()) == []


def test_these_are_the_commands_and_each_has_help_with_an_example() -> None:
    assert sorted(cli.main.commands) == EVERY_COMMAND
    for name in EVERY_COMMAND:
        result = run(name, "--help")
        assert result.exit_code == 0
        assert examples(name), name
    assert run("--version").output == f"sc-pipeline, version {__version__}\n"
    assert run("-h").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["build", "--nonsense"],
        ["add"],
        ["trace", "soon"],
        ["trace", "2015-12", "--subset", "nonsense"],
        ["simulate", "--rows", "0"],
        ["ui", "--port", "nonsense"],
        ["verify", "--against", "nonsense.duckdb"],
    ],
)
def test_what_click_refuses_is_wrong_use(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_wrong_use_is_one_line_with_code_2(shipped_once: Project, tmp_path: Path) -> None:
    assert said(run("trace", on=shipped_once)).startswith("2 sc-pipeline: give either a MONTH such as 2015-12")
    assert said(run("trace", "2015-12", "--why", "x:1", on=shipped_once)).startswith("2 sc-pipeline: give either")
    assert said(run("verify", "--lock", "--write-lock", on=shipped_once)).startswith("2 sc-pipeline: give one of")
    assert said(run("simulate", on=shipped_once)).startswith("2 sc-pipeline: give either a PRODUCTION or --demo FOLDER")
    assert said(run("simulate", "nope", "--raw", tmp_path)).startswith("2 sc-pipeline: no simulated production is")
    assert said(run("export", "nonsense", "--to", tmp_path / "out", on=shipped_once)).startswith(
        "2 sc-pipeline: nonsense:"
    )


@pytest.mark.parametrize("command", [["report"], ["explore"], ["publish", "--to", "site"]])
def test_a_page_that_is_not_built_is_one_line(shipped_once: Project, command: list[str]) -> None:
    assert said(run(*command, on=shipped_once)).endswith(".html: not built yet; run: sc-pipeline build")


@pytest.mark.parametrize(("command", "page"), [("report", "index.html"), ("explore", "explorer.html")])
@pytest.mark.parametrize("opens", [True, False])
def test_a_page_is_printed_and_opened(
    project: Project, monkeypatch: pytest.MonkeyPatch, command: str, page: str, opens: bool
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: asked.append(address) or opens)
    project.site.mkdir(parents=True)
    (project.site / page).touch()
    result = run(command, on=project)
    assert (result.exit_code, result.stdout) == (0, f"warehouse/site/{page}\n")
    assert result.stderr == ("" if opens else "no browser was found here; open the file in one\n")
    assert asked == [(project.site / page).as_uri()]


@pytest.mark.parametrize("arguments", [["trace", "2015-12"], ["export"], ["verify"], ["verify", "--write-lock"]])
def test_where_nothing_is_published_it_is_said_in_one_line(project: Project, arguments: list[str]) -> None:
    assert "nothing is published yet" in said(run(*arguments, on=project))


@pytest.mark.parametrize("command", ["build", "status"])
def test_a_missing_raw_folder_is_one_line(tmp_path: Path, command: str) -> None:
    line = said(run(command, on=Project(tmp_path / "none", tmp_path / "warehouse")))
    assert line == (
        f"1 sc-pipeline: {tmp_path}/none: no such folder; create it with sc-pipeline init, "
        "or say where the releases are with --raw"
    )


# --- each command


def test_build_publishes_then_has_nothing_to_do(project: Project) -> None:
    cases(project, "one", [removal("2012-05-03")])
    first = run("build", on=project)
    assert (first.exit_code, first.stderr) == (0, "")
    page = "report: warehouse/site/index.html"
    assert first.stdout.splitlines()[-2:] == ["published warehouse/sc_pipeline.duckdb", page]
    again = run("build", on=project)
    unchanged = "nothing has changed; warehouse/sc_pipeline.duckdb stays as it is"
    assert (again.exit_code, again.output.splitlines()) == (0, [unchanged, page])
    (project.site / "index.html").unlink()
    remade = run("build", on=project)
    told = "made what was missing or out of date; warehouse/sc_pipeline.duckdb stays as it is"
    assert (remade.exit_code, remade.stdout.splitlines()[-2:]) == (0, [told, page])


def test_build_repeats_what_was_refused_with_code_1(shipped: Project) -> None:
    settle(shipped, fingerprint(shipped), ["bad: bad.csv: no header"])
    assert said(run("build", on=shipped)) == "1 sc-pipeline: bad: bad.csv: no header"


def test_folders_come_from_the_environment_too(shipped_once: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SC_PIPELINE_RAW", str(shipped_once.raw))
    monkeypatch.setenv("SC_PIPELINE_WAREHOUSE", str(shipped_once.warehouse))
    assert (
        run("trace", "2015-12", "--subset", "detainer_linked").output
        == run("trace", "2015-12", "--subset", "detainer_linked", on=shipped_once).output
    )


def test_add_shows_copies_and_refuses(project: Project, tmp_path: Path) -> None:
    source = cases(Project(tmp_path / "inbox", tmp_path), "found", [removal("2012-05-03")]) / "found.csv"
    dry = run("add", source, "--release", "new", "--received", "2018-01-31", "--dry-run", on=project)
    assert dry.exit_code == 0
    assert dry.stdout.splitlines()[-1] == "dry run: nothing was copied"
    assert list(project.raw.iterdir()) == []
    added = run("add", source, "--release", "new", "--received", "2018-01-31", on=project)
    assert added.exit_code == 0
    assert added.stdout.splitlines()[-1] == "added raw/new; look at its release.toml, then: sc-pipeline build"
    assert "received = 2018-01-31" in (project.raw / "new" / "release.toml").read_text()
    assert build_without_dagster(project) == []
    odd = tmp_path / "odd.csv"
    odd.write_text("Batch,Date Deported,Nation of Citizenship,Sex,Route\n" + "1,2025-03-03,MEXICO,M,Air\n" * 5)
    lines = run("add", odd, on=project).stdout.splitlines()
    assert "[fields]" in lines and 'departed_date = ["Date Deported"]  # is it so?' in lines
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b,c\n1,2,3\n")
    refused = run("add", bad, on=project)
    assert refused.exit_code == 1
    assert refused.stderr == (
        "sc-pipeline: bad: not added, a build would refuse it: no table of these files can be taken in; "
        "docs/adding-a-production.md says how to add one nobody knows\n"
    )


def test_status_ends_with_what_a_build_would_do(shipped_once: Project) -> None:
    result = run("status", on=shipped_once)
    assert result.exit_code == 0
    assert f"  {TRAC.name}: Secure Communities, Sanctuary Cities" in result.output
    # The shared warehouse is built without its site.
    assert result.output.splitlines()[-4:] == [
        "next build:",
        "  rebuild figures",
        "  rebuild explorer",
        "  rebuild report",
    ]


def test_trace_shows_rule_release_and_rows_or_only_the_rows_as_csv(shipped_once: Project) -> None:
    words = run("trace", "2015-12", "--subset", "detainer_linked", on=shipped_once)
    assert words.exit_code == 0
    assert "97" in words.output and TRAC.name in words.output
    as_csv = run("trace", "2015-12", "--subset", "detainer_linked", "--csv", on=shipped_once)
    (row,) = csv.DictReader(StringIO(as_csv.stdout))
    assert "97" in row.values()
    assert "table2_removals_by_source.csv" in row.values()
    why = run("trace", "--why", "table2_removals_by_source.csv:87", on=shipped_once)
    assert (why.exit_code, "2015-12" in why.output) == (0, True)
    assert said(run("trace", "1999-01", on=shipped_once)).startswith("1 sc-pipeline: 1999-01")


def test_verify_finds_no_difference_names_one_and_keeps_a_lock(shipped: Project, tmp_path: Path) -> None:
    assert run("verify", on=shipped).output.splitlines()[-1] == "no difference"
    assert run("verify", "--write-lock", on=shipped).output == "wrote warehouse.lock.json\n"
    assert (tmp_path / "warehouse.lock.json").exists()
    assert run("verify", "--lock", on=shipped).output == "no difference\n"
    other = copy_of(shipped, tmp_path / "other")
    with duckdb.connect(other.published) as connection:
        connection.execute("update meta.tables set sha256 = 'other' where table_name = 'convictions'")
    result = run("verify", "--against", other.published, on=shipped)
    assert (result.exit_code, len(result.output.splitlines())) == (1, 1)
    assert result.output.startswith("table convictions: ")


def test_a_month_of_one_population_needs_no_option_and_the_other_names_it(project: Project) -> None:
    cases(project, "one", [removal("2012-05-03")], 'title = "One"\npopulation = "ice"\nreceived = 2018-01-31\n')
    assert build_without_dagster(project) == []
    ((population, other),) = ask(
        project, "select population, case population when 'ice' then 'sc' else 'ice' end from monthly_removals limit 1"
    )
    assert run("trace", "2012-05", on=project).output.startswith(f"2012-05, {population}, all: 1, ")
    assert said(run("trace", "2012-5", "--population", other, on=project)) == (
        f"1 sc-pipeline: 2012-05: no figure for population {other}, subset all; "
        f"population {population} has one: --population {population}"
    )


def test_query_answers_as_a_box_csv_or_workbook(shipped_once: Project, tmp_path: Path) -> None:
    sql = "select month, sc from removals_by_source where month = '2015-12-01'"
    box = run("query", sql, on=shipped_once)
    assert (box.exit_code, "│ 2015-12-01 │  4227 │" in box.output) == (0, True)
    assert run("query", sql, "--csv", on=shipped_once).output == "month,sc\n2015-12-01,4227\n"
    book = run("query", sql, "--xlsx", tmp_path / "new" / "answer.xlsx", on=shipped_once)
    assert (book.exit_code, book.output) == (0, "wrote new/answer.xlsx\n")
    sheets = fastexcel.read_excel(tmp_path / "new" / "answer.xlsx")
    assert sheets.sheet_names == ["answer", "about"]
    assert sheets.load_sheet("answer").to_polars().rows() == [(datetime(2015, 12, 1), 4227.0)]


def test_query_says_in_one_line_what_is_wrong(shipped_once: Project, project: Project) -> None:
    wrong = said(run("query", "from nonsense", on=shipped_once))
    assert wrong.startswith("2 sc-pipeline: Catalog Error: Table with name nonsense does not exist!")
    written = said(run("query", "create table x (y int)", on=shipped_once))
    assert "read-only" in written
    assert said(run("query", "from x", "--csv", "--xlsx", "x.xlsx", on=shipped_once)).startswith("2 sc-pipeline: give")
    assert "nothing is published yet" in said(run("query", "select 1", on=project))
    listed = said(run("query", "select [1, 2] as x", "--csv", on=shipped_once))
    assert "write such a column as text" in listed


def test_a_sum_is_a_number_in_a_workbook(shipped_once: Project, tmp_path: Path) -> None:
    run("query", "select sum(sc) as sc from removals_by_source", "--xlsx", "sum.xlsx", on=shipped_once)
    assert fastexcel.read_excel(tmp_path / "sum.xlsx").load_sheet("answer").to_polars().rows() == [(552910.0,)]


def test_export_writes_what_is_asked_for_and_says_so(shipped_once: Project, tmp_path: Path) -> None:
    result = run(
        "export", "convictions", "--to", tmp_path / "out", "--format", "csv", "--format", "parquet", on=shipped_once
    )
    names = ["csv/convictions.csv", "parquet/convictions.parquet", "datapackage.json"]
    assert result.output.splitlines() == [f"wrote out/{name}" for name in names]
    written = [path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*")]
    assert sorted(written) == sorted(names)
    assert json.loads((tmp_path / "out" / "datapackage.json").read_text())["resources"][0]["name"]


def test_publish_says_what_it_wrote_and_warns_of_rows_and_simulated_releases(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, bool]] = []

    def write(_: Project, folder: Path, with_rows: bool) -> Site:
        asked.append((folder.name, with_rows))
        return (
            Site(files=84, bytes=6_600_000, rows=1_200, simulated=("sim",)) if with_rows else Site(84, 6_600_000, 0, ())
        )

    monkeypatch.setattr("sc_pipeline.report.site.publish_site", write)
    plain, rows = run("publish", "--to", "public", on=project), run("publish", "--to", "x", "--with-rows", on=project)
    assert (plain.exit_code, plain.output) == (0, "wrote public/index.html and 83 more files, 6.6 MB\n")
    assert rows.stdout == "wrote x/index.html and 83 more files, 6.6 MB\n"
    assert [line.split(";")[0] for line in rows.stderr.splitlines()] == [
        "sc-pipeline: simulated releases are among these",
        "sc-pipeline: the site holds 1,200 rows about single people",
    ]
    assert asked == [("public", False), ("x", True)]
    assert run("publish", on=project).exit_code == 2


def test_simulate_writes_a_release_that_says_so(project: Project) -> None:
    result = run("simulate", "ice_removals_2025_07", "--rows", 50, "--format", "csv", "--release", "sim", on=project)
    assert (result.exit_code, result.output) == (0, "wrote raw/sim\n")
    assert "synthetic = true" in (project.raw / "sim" / "release.toml").read_text()
    assert build_without_dagster(project) == []
    assert ask(project, "select synthetic from meta.releases") == [(True,)]
    again = run("simulate", "ice_removals_2025_07", "--release", "sim", on=project)
    assert said(again).startswith("2 sc-pipeline: ")


def test_ui_registers_the_releases_and_starts_dagster_on_this_machine_alone(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda program, arguments: started.append(arguments))
    cases(project, "one", [removal("2012-05-03")])
    result = run("ui", "--port", "3456", on=project)
    assert (result.exit_code, result.output) == (0, "opening http://127.0.0.1:3456 (Ctrl-C ends it)\n")
    (arguments,) = started
    assert arguments[0] == sys.executable and arguments[3:6] == ["-m", "sc_pipeline.defs.ui", "-w"]
    assert Path(arguments[6]).name == "workspace.yaml"
    assert arguments[7:] == ["-h", "127.0.0.1", "-p", "3456"]
    assert os.environ["SC_PIPELINE_RAW"] == str(project.raw)
