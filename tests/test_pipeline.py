"""The whole graph on small releases in a temporary folder: what is counted, what is refused, what stays as it was."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from sc_pipeline import plan
from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.errors import UserError
from sc_pipeline.look import Look
from sc_pipeline.project import REPOSITORY, Project
from sc_pipeline.store import Store
from tests.builders import HEADER, TRAC, ask, cases, put, removal, unreadable

TABLE_1 = "table1_convictions.csv"


def test_shipped_tables_give_the_report(shipped: Project) -> None:
    months = "select count(*), min(month)::varchar, max(month)::varchar, sum(sc), sum(all_ice), sum(sc_detainer_linked)"
    assert ask(shipped, f"{months} from removals_by_source") == [
        (105, "2008-11-01", "2017-07-01", 552910, 2882375, 76420)
    ]
    withheld = "select count(*) from removals_by_source where sc_detainer_linked is null"
    assert ask(shipped, f"{withheld} and sc_detainer_linked_status = 'withheld'") == [(19,)]
    last = "select all_ice, all_ice_status from removals_by_source where month = '2017-07-01'"
    assert ask(shipped, last) == [(None, "not_released")]
    averages = "select any_offense_12m, level1_12m, any_offense_12m_origin, level1_12m_origin from convictions"
    assert ask(shipped, f"{averages} where month = '2016-08-01'") == [(4545, 2056, "published", "published")]
    assert ask(shipped, f"{averages} where month = '2017-07-01'") == [(5074, 2184, "published", "published")]
    assert ask(shipped, "select distinct verdict from published_comparison order by 1") == [
        ("not_computable",),
        ("same",),
        ("same_figure",),
        ("within",),
    ]
    claims = "select claim_id, observed_low, observed_high, verdict from claim_checks order by 1"
    assert ask(shipped, claims) == [
        ("ice-convicted", 9688, 14101, "contradicted"),
        ("trac-convicted", 9688, 14101, "undecided"),
        ("trac-detainers", None, None, "undecided"),
        ("trac-level1", 4293, 6339, "undecided"),
    ]
    printed = "select fiscal_year, published, computed_low from yearly_comparison where months_held = 12 order by 1"
    assert ask(shipped, printed) == [
        (2011, 396906, 391166),
        (2013, 368644, 368809),
        (2014, 315943, 319266),
        (2015, 235413, 235551),
        (2016, 240255, 240074),
    ]


def test_second_build_writes_no_table_and_no_file_for_readers(shipped: Project) -> None:
    def times() -> dict[Path, int]:
        files = [shipped.published, *(path for path in shipped.tables.rglob("*") if path.is_file())]
        return {path: path.stat().st_mtime_ns for path in files}

    before = times()
    assert build_without_dagster(shipped) == []
    assert times() == before


def test_nine_impossible_departures_are_nine_structural_rows_as_written(project: Project) -> None:
    impossible = ["", "31FEB12", "1889-01-31", "2099-01-01", "00/00/0000", "soon", "(b)(6)", "13/45/2011", "0"]
    rows = [removal("03MAY12", "0999"), *(removal(date) for date in impossible), removal("2012-05-04")]
    cases(project, "made-up", rows)
    assert build_without_dagster(project) == []
    bad = "select source_row, value from meta.quarantine where severity = 'structural' order by source_row"
    assert ask(project, bad) == [(number, date or None) for number, date in enumerate(impossible, start=3)]
    assert ask(project, "select rows_read, rows_accepted, rows_quarantined from meta.source_files") == [(11, 2, 9)]
    assert ask(project, "select source_row, msc_code, conviction_level from removals order by 1") == [
        (2, "0999", 1),
        (12, None, None),
    ]


def test_detainers_after_departure_link_nothing_and_withheld_is_null(project: Project) -> None:
    manifest = (
        'title = "x"\nreceived = 2018-01-31\ncovers = [2015-12-01, 2016-01-31]\n'
        '[[withheld]]\nfields = ["detainer_prepare_date"]\nfrom = "2016-01"\n'
    )
    rows = [
        removal("05DEC15", detainer="01DEC15"),
        removal("06DEC15", detainer="07DEC15"),
        removal("07DEC15", detainer="07DEC15"),
        removal("08JAN16", detainer="(b)(6)"),
    ]
    cases(project, "linked", rows, manifest)
    assert build_without_dagster(project) == []
    assert ask(
        project, "select source_row, days_to_departure, link_method from detainer_linked_removals order by 1"
    ) == [
        (2, 4, "same_record"),
        (4, 0, "same_record"),
    ]
    counts = "select month::varchar, removals, status from monthly_removals where subset = 'detainer_linked' order by 1"
    assert ask(project, counts) == [("2015-12-01", 2, "reported"), ("2016-01-01", None, "withheld")]


def test_counties_resolve_to_fips(project: Project) -> None:
    cases(project, "places", [removal("03MAY12", county="Orleans Parish"), removal("04MAY12", county="Nowhere")])
    assert build_without_dagster(project) == []
    assert ask(project, "select county_fips from removals order by source_row") == [("22071",), (None,)]
    assert ask(project, "select outcome, bad_rows from meta.checks where check_name = 'counties_resolve'") == [
        ("passed", 1)
    ]


def test_later_release_serves_the_months_it_has_and_revisions_list_each_difference(project: Project) -> None:
    covers = "covers = [2012-05-01, 2012-06-30]\n"
    cases(project, "first", [removal("03MAY12"), removal("04JUN12")], f"received = 2013-01-01\n{covers}")
    june = "received = 2014-01-01\ncovers = [2012-06-01, 2012-06-30]\n"
    assert build_without_dagster(project) == []
    cases(project, "second", [removal("04JUN12"), removal("05JUN12")], june)
    assert build_without_dagster(project) == []
    served = "select month::varchar, release_id from meta.month_sources order by 1"
    assert ask(project, served) == [("2012-05-01", "first"), ("2012-06-01", "second")]
    assert ask(project, "select count(*) from removals") == [(3,)]
    revised = "select month::varchar, older, newer, change from release_revisions where subset = 'all' and change <> 0"
    assert ask(project, revised) == [("2012-06-01", 1, 2, 1)]
    history = "select month::varchar, old, new from meta.figure_history where subset = 'all'"
    assert ask(project, history) == [("2012-06-01", 1, 2)]


def test_withdrawn_release_serves_nothing_and_a_removed_one_leaves(project: Project) -> None:
    cases(project, "kept", [removal("03MAY12")])
    folder = cases(
        project, "leaving", [removal("03JUN12")], 'received = 2018-01-31\nwithdrawn = "the publisher disowned it"\n'
    )
    build_without_dagster(project)
    assert ask(project, "select release_id from removals") == [("kept",)]
    assert ask(project, "select count(*) from core.removals_by_release") == [(2,)]
    shutil.rmtree(folder)
    build_without_dagster(project)
    assert ask(project, "select count(*) from core.removals_by_release") == [(1,)]
    assert ask(project, "select release_id from meta.releases") == [("kept",)]


def test_an_emptied_raw_folder_changes_nothing_until_a_person_says_so(project: Project) -> None:
    folder = cases(project, "kept", [removal("03MAY12")])
    build_without_dagster(project)
    before = project.published.read_bytes()
    shutil.rmtree(folder)
    with pytest.raises(UserError) as refused:
        build_without_dagster(project)
    assert str(refused.value) == (
        f"{project.raw}: no releases found, so nothing was changed; put them back, or delete warehouse/ to start over"
    )
    assert project.published.read_bytes() == before


def test_the_npr_extract_is_taken_in_with_every_row_accounted_for(project: Project) -> None:
    shutil.copytree(REPOSITORY / "tests" / "data" / "npr-2016-detainers", project.raw / "npr-2016-detainers")
    assert build_without_dagster(project) == []
    files = "select sum(rows_read), sum(rows_accepted), sum(rows_quarantined), count(*) from meta.source_files"
    assert ask(project, files) == [(2539, 2539, 0, 2)]
    assert ask(project, "select count(*) from core.detainers_by_release") == [(2539,)]


def test_likely_duplicates_are_flagged_and_counted(project: Project) -> None:
    header = "Departed Date,Departure Country,Case Threat Level,Case Criminality,Gender,Birth Year,Citizenship Country"
    columns = (REPOSITORY / "tests" / "data" / "layouts" / "ice_removals_2026_03.csv").read_text().splitlines()[1:]
    names = [line.split(",")[1] for line in columns]
    assert set(header.split(",")) <= set(names)

    def row(day: str, person: str) -> str:
        return ",".join({"Departed Date": day, "Anonymized Identifier": person}.get(name, "") for name in names)

    a, b = "a" * 40, "b" * 40
    rows = [
        row("2023-05-03", a),
        row("2023-05-03", a),
        row("2023-05-04", a),
        row("2023-05-03", b),
        row("2023-05-03", ""),
    ]
    manifest = 'title = "x"\nreceived = 2024-01-31\n'
    put(project, "doubled", "doubled.csv", "\n".join([",".join(names), *rows]) + "\n", manifest)
    assert build_without_dagster(project) == []
    flags = "select duplicate_likely from removals order by source_row"
    assert ask(project, flags) == [(True,), (True,), (False,), (False,), (None,)]
    assert ask(project, "select removals from monthly_removals where subset = 'all'") == [(5,)]


def changed(name: str, old: str, new: str) -> Any:
    """A fault: a text in one of the shipped files becomes another."""

    def apply(folder: Path) -> None:
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1))

    return apply


def rewritten(name: str, content: bytes) -> Any:
    """A fault: other bytes."""

    def apply(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return apply


FAULTS = {
    "a header twice": (changed(TABLE_1, "Any Offense,Serious", "Serious Offense Only,Serious"), [TABLE_1]),
    "a month that is no month": (changed(TABLE_1, "2016-09", "2016-19"), [TABLE_1, "row 3", "2016-19"]),
    "a count that is no number": (changed(TABLE_1, '"4,894"', "many"), [TABLE_1, "row 2", "many"]),
    "a negative count": (changed(TABLE_1, '"4,894"', "-4894"), [TABLE_1, "row 2", "-4894"]),
    "a month twice": (changed(TABLE_1, "2016-09", "2016-08"), [TABLE_1, "row 3", "2016-08"]),
    "a subset larger than its population": (changed(TABLE_1, '"2,067"', '"9,067"'), [TABLE_1, "row 2"]),
    "not what its ending says": (rewritten(TABLE_1, b"PK\x03\x04" + bytes(100)), [TABLE_1]),
    "a wrong key": (changed("release.toml", "title =", "titel ="), ["release.toml", "titel", "title"]),
    "a bad date": (changed("release.toml", "received = 2017-11-30", 'received = "soon"'), ["release.toml", "received"]),
}


def spoil(project: Project, fault: str) -> list[str]:
    """Bring a fault into the shipped release; what its refusal must name."""
    apply, expected = FAULTS[fault]
    folder = project.raw / TRAC.name
    manifest = (folder / "release.toml").read_text()
    if "sha256" in manifest and fault not in ("a wrong key", "a bad date"):
        # The build would stop at the sha256 of the changed file; here the fault itself is to be met.
        (folder / "release.toml").write_text('title = "TRAC"\nreceived = 2017-11-30\n')
        Store(project.tables).drop("staged_rows", TRAC.name)
    apply(folder)
    return expected


@pytest.mark.parametrize("fault", FAULTS)
def test_bad_input_is_one_clear_line(shipped: Project, fault: str) -> None:
    expected = spoil(shipped, fault)
    with pytest.raises(UserError) as refused:
        plan.take_in(Look(shipped), TRAC.name)
    problem = str(refused.value)
    assert "\n" not in problem
    assert [piece for piece in expected if piece not in problem] == [], problem


@pytest.mark.parametrize("fault", ["a count that is no number", "a wrong key"])
def test_where_input_is_bad_the_published_figures_stay(shipped: Project, fault: str) -> None:
    spoil(shipped, fault)
    assert len(build_without_dagster(shipped)) == 1
    assert ask(shipped, "select sum(sc) from removals_by_source") == [(552910,)]
    status = f"select status from meta.releases where release_id = '{TRAC.name}'"
    assert ask(shipped, status) == [("kept",)]


def test_a_sha256_that_does_not_match_is_refused(shipped: Project) -> None:
    changed(TABLE_1, '"4,894"', '"4,895"')(shipped.raw / TRAC.name)
    problems = build_without_dagster(shipped)
    assert len(problems) == 1
    assert TABLE_1 in problems[0]
    assert "sha256" in problems[0]


def test_a_release_that_changed_after_landing_is_refused(project: Project) -> None:
    folder = cases(project, "landed", [removal("03MAY12")])
    assert build_without_dagster(project) == []
    (folder / "landed.csv").write_text("\n".join([HEADER, removal("03MAY12"), removal("04MAY12")]) + "\n")
    problems = build_without_dagster(project)
    assert len(problems) == 1
    assert "add --replace" in problems[0]
    assert ask(project, "select count(*) from removals") == [(1,)]


def test_the_same_bytes_in_two_releases_are_refused_by_name(project: Project) -> None:
    cases(project, "one", [removal("03MAY12")])
    folder = cases(project, "two", [removal("03MAY12")])
    (folder / "two.csv").write_bytes((project.raw / "one" / "one.csv").read_bytes())
    problems = build_without_dagster(project)
    assert len(problems) == 1
    assert problems[0].startswith("two: all its files are in one too, byte for byte")
    assert ask(project, "select count(*) from removals") == [(1,)]


def test_dates_in_a_form_that_nobody_reads_are_one_line(project: Project) -> None:
    cases(project, "forms", [removal("3rd of May 2012"), removal("4th of May 2012")])
    problems = build_without_dagster(project)
    assert len(problems) == 1
    assert "forms.csv, row 2, departed_date: '3rd of May 2012'" in problems[0]
    assert "no row of the sheet can be counted: correct the file in a copy, or state in release.toml" in problems[0]


def test_one_bad_release_does_not_hold_up_the_others(project: Project) -> None:
    unreadable(project, "broken")
    cases(project, "good", [removal("03MAY12")])
    problems = build_without_dagster(project)
    assert len(problems) == 1
    assert "broken.csv" in problems[0]
    assert ask(project, "select release_id, status from meta.releases order by 1") == [
        ("broken", "failed"),
        ("good", "ready"),
    ]
    assert ask(project, "select count(*) from removals") == [(1,)]
