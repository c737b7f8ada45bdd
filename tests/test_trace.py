"""Every figure leads back to its rows, and every row says which figures it is in, or why in none."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.errors import UsageError, UserError
from sc_pipeline.project import REPOSITORY, Project
from sc_pipeline.warehouse.trace.figures import find_figure, source_rows
from sc_pipeline.warehouse.trace.why import why
from tests.builders import MakeOnce, ask, cases, put, removal

TRAC = REPOSITORY / "raw" / "trac-2017-11"
MAY = date(2012, 5, 1)
PEOPLE = "Anonymized Identifier,Departed Date,MSC Charge Code,Final Charge Section,row"
DETAINED = "Anonymized Identifier,Detainer Prepare Date,Detainer Type"


@pytest.fixture(scope="module")
def counted(once: MakeOnce) -> Project:
    """Two releases of the same months, of which the later serves May 2012; and TRAC's printed tables."""
    return once("counted", counted_workspace)


def counted_workspace(folder: Path) -> Project:
    project = Project(folder / "raw", folder / "warehouse")
    shutil.copytree(TRAC, project.raw / TRAC.name)
    covers = "covers = [2012-05-01, 2012-06-30]\n"
    cases(project, "older", [removal("02MAY12")], f"received = 2013-01-01\n{covers}")
    rows = [
        removal("03MAY12", "0999", "01MAY12"),
        removal("04MAY12", "5499", "09MAY12", county="Nowhere"),
        removal("05MAY12", "0000"),
        removal("06MAY12", "(b)(6)"),
        "",
        removal("31FEB12"),
        removal("07JUN12"),
    ]
    withheld = '[[withheld]]\nfields = ["detainer_prepare_date"]\nfrom = "2012-06"\n'
    cases(project, "newer", rows, f"received = 2014-01-01\n{covers}{withheld}")
    cases(
        project,
        "gone",
        [removal("03MAY12", "2401")],
        'received = 2015-01-01\nwithdrawn = "the publisher disowned it"\n',
    )
    put(project, "broken", "broken.csv", "a,b,c,d,e,f,g\n1,2,3,4,5,6,7\n")
    assert len(build_without_dagster(project)) == 1
    return project


def test_the_rows_listed_are_as_many_as_the_figure_says(counted: Project) -> None:
    figures = ask(counted, "select month, population, subset, removals from monthly_removals where origin = 'records'")
    assert len(figures) == 9
    for month, population, subset, removals in figures:
        rows = [*source_rows(counted, find_figure(counted, month, population, subset))]
        assert len(rows) == (removals or 0), (month, population, subset)


def test_the_macro_lists_the_same_rows_and_printed_cells(counted: Project) -> None:
    listed = "select source_row, source_column from trace('2012-05-01', 'sc', 'convicted') order by 1"
    assert ask(counted, listed) == [(2, None), (3, None)]
    printed = (
        "select source_file, source_row, source_column, removals from trace('2015-12-01', 'sc', 'detainer_linked')"
    )
    column = "ICE Issued Detainer After SC Fingerprint Match from Local Jurisdiction"
    assert ask(counted, printed) == [("table2_removals_by_source.csv", 87, column, 97)]


MACRO_CALLS = {
    "a text": "trace('2012-05-01', 'sc', 'level1')",
    "a month": "trace('2012-05', 'sc', 'level1')",
    "any day of it": "trace('2012-05-31', 'sc', 'level1')",
    "a date": "trace(date '2012-05-01', 'sc', 'level1')",
    "a timestamp": "trace(timestamp '2012-05-31 23:59:59', 'sc', 'level1')",
    "by name": "trace(month := '2012-05', population := 'sc', subset := 'level1')",
}


@pytest.mark.parametrize("call", MACRO_CALLS)
def test_the_macro_takes_a_month_however_it_is_written(counted: Project, call: str) -> None:
    assert ask(counted, f"select source_file, source_row, removals from {MACRO_CALLS[call]}") == [("newer.csv", 2, 1)]


def test_the_macro_lists_nothing_for_null_and_for_what_is_not_there(counted: Project) -> None:
    for call in ("trace(null, 'sc', 'all')", "trace('2012-05', null, 'all')", "trace('1999-01', 'sc', 'all')"):
        assert ask(counted, f"from {call}") == [], call


@pytest.mark.parametrize("alias", ["figures", "rows", "links", "cells", "asked", "monthly_removals"])
def test_the_macro_joined_to_all_figures_gives_each_figure(counted: Project, alias: str) -> None:
    """Whatever the names around it are: they must not be taken for its own."""
    sql = f"""
        select count(*), count(*) filter (where listed.removals is distinct from {alias}.removals)
        from monthly_removals as {alias},
            lateral (select sum(removals) as removals from trace({alias}.month, {alias}.population, {alias}.subset))
                as listed
        where {alias}.removals > 0
    """
    ((figures,),) = ask(counted, "select count(*) from monthly_removals where removals > 0")
    assert figures > 300
    assert ask(counted, sql) == [(figures, 0)]


def test_every_printed_figure_is_its_cell(shipped_once: Project) -> None:
    figures = ask(shipped_once, "select month, population, subset, removals, status from monthly_removals")
    assert len(figures) == 105 * 3 + 12 * 2
    for month, population, subset, removals, status in figures[:: len(figures) // 10]:
        (cell,) = source_rows(shipped_once, find_figure(shipped_once, month, population, subset))
        in_words = {"withheld": "ICE withheld", "not_released": "not yet released"}
        assert cell["value"] == (in_words[status] if removals is None else cell["value"])
        assert removals is None or int(cell["value"].replace(",", "")) == removals


def test_a_figure_says_its_rule_its_release_and_why_that_one(counted: Project) -> None:
    assert find_figure(counted, MAY, "sc", "level1").in_words() == [
        "2012-05, sc, level1: 1, at_least",
        "undetermined: 1 more at most",
        "at_least because: some cells that would tell are redacted, unreadable or missing",
        "rule: removals in the month of people convicted at Level 1, on the one basis of the release",
        "Level 1: the offense's level by the reference table (list of 2009, in part not verified)",
        "from: newer (newer, received 2014-01-01), counted from its rows",
        "this release because: received later",
    ]


def test_a_printed_figure_does_not_claim_the_rule_for_its_publisher(shipped_once: Project) -> None:
    assert find_figure(shipped_once, date(2017, 7, 1), "ice", "all").in_words() == [
        "2017-07, ice, all: null, not_released",
        "rule: every removal of the population that departed in the month; how the publisher counted may differ",
        "from: trac-2017-11 (Secure Communities, Sanctuary Cities and the Role of ICE Detainers, Tables 1 and 2, "
        "received 2017-11-30), as printed there",
        "this release because: no release has a count for this month; this one gives the reason",
    ]


def test_where_the_serving_release_withholds_the_printed_cell_is_used(counted: Project) -> None:
    figure = find_figure(counted, date(2012, 6, 1), "sc", "detainer_linked")
    assert (figure.origin, figure.release_id, figure.removals) == ("published", "trac-2017-11", 1708)
    assert figure.reason == "the release used for this month lacks this figure; this one publishes it"


def test_a_figure_withheld_by_the_only_release_names_the_fields(tmp_path: Path) -> None:
    project = Project(tmp_path / "raw", tmp_path / "warehouse")
    manifest = 'received = 2018-01-31\n[[withheld]]\nfields = ["detainer_prepare_date"]\nfrom = "2016-01"\n'
    cases(project, "only", [removal("08JAN16", "(b)(6)", "(b)(6)")], f"covers = [2016-01-01, 2016-01-31]\n{manifest}")
    assert build_without_dagster(project) == []
    january = date(2016, 1, 1)
    assert find_figure(project, january, "sc", "detainer_linked").in_words()[:4] == [
        "2016-01, sc, detainer_linked: null, withheld",
        "undetermined: 1 more at most",
        "withheld because: detainer_prepare_date withheld by the agency",
        "withheld because: the release has no detainers.detainer_prepare_date, detainers.person_id, person_id",
    ]
    assert find_figure(project, january, "sc", "convicted").obstacles == (
        "msc_code withheld by the agency",
        "the release has no criminality, msc_status, reported_threat_level",
    )
    assert [*source_rows(project, find_figure(project, january, "sc", "level1"))] == []
    assert why(project, "only.csv:2")[2:] == [
        "  a removal of 2016-01-08, population sc",
        "  counts in 2016-01, sc, all: one of 1",
        "  not in 2016-01, sc, convicted: the figure is withheld",
        "  not in 2016-01, sc, not_convicted: the figure is withheld",
        "  not in 2016-01, sc, level1: the figure is withheld",
        "  not in 2016-01, sc, detainer_linked: the figure is withheld",
    ]


def test_cells_come_as_written(counted: Project) -> None:
    rows = [*source_rows(counted, find_figure(counted, MAY, "sc", "level1"))]
    assert [(row["file"], row["row"], row["departed_date"], row["mscc_code"]) for row in rows] == [
        ("newer.csv", 2, "03MAY12", "0999")
    ]


def test_a_month_without_a_figure_is_one_line_that_says_what_there_is(shipped_once: Project) -> None:
    months = "1999-01: no figure for population sc, subset all; there are figures from 2008-11 to 2017-07"
    with pytest.raises(UserError, match=f"^{months}$"):
        find_figure(shipped_once, date(1999, 1, 1), "sc", "all")
    subsets = (
        "2012-05: no figure for population ice, subset level1; there are figures for: "
        "sc, all; sc, convicted; sc, level1; sc, detainer_linked; ice, all"
    )
    with pytest.raises(UserError, match=f"^{subsets}$"):
        find_figure(shipped_once, MAY, "ice", "level1")


def test_a_counted_row_names_each_figure_it_is_in_and_why_not_in_the_others(counted: Project) -> None:
    assert why(counted, "newer/newer.csv:3")[2:] == [
        "  a removal of 2012-05-04, population sc",
        "  counts in 2012-05, sc, all: one of 4",
        "  counts in 2012-05, sc, convicted: one of 2",
        "  not in 2012-05, sc, not_convicted: its record shows a conviction: criminality blank, msc_status blank, "
        "reported_threat_level blank, msc_code 5499",
        "  not in 2012-05, sc, level1: its level is 2",
        "  not in 2012-05, sc, detainer_linked: its detainer is of 2012-05-09, after the departure",
        "  became null: county: unresolved county; written 'Nowhere'",
    ]


REASONS = {
    "newer.csv:0": "not a row of data: the header is row 1",
    "newer.csv:1": "not a row of data: the header is row 1",
    "newer.csv:2": "counts in 2012-05, sc, detainer_linked: one of 1",
    "newer.csv:4": "not in 2012-05, sc, convicted: its record shows no conviction: criminality blank, "
    "msc_status blank, reported_threat_level blank, msc_code 0000",
    "newer.csv:5": "not in 2012-05, sc, convicted: undetermined: the fields that would show a conviction are redacted, "
    "unreadable or missing",
    "newer.csv:6": "not a row of data: blank, or beyond the last row",
    "newer.csv:7": "not counted: departed_date: unreadable date; written '31FEB12'",
    "newer.csv:8": "not in 2012-06, sc, detainer_linked: its release lacks the figure; trac-2017-11 publishes it",
    "newer.csv:900": "not a row of data: blank, or beyond the last row",
    "older/older.csv:2": "not counted: 2012-05, sc: newer serves it (received later)",
    "gone.csv:2": "not counted: its release is withdrawn: the publisher disowned it",
    "table1_convictions.csv:2": "2016-08, sc, convicted, Any Offense: 4,894; the figure in use",
    "table2_removals_by_source.csv:44": "2012-05, sc, all, Total Removals Using SC Fingerprint Match: 7,813; "
    "not in use: the figure is from newer; see published_comparison",
}


def test_a_row_may_be_named_by_the_path_of_its_file(counted: Project) -> None:
    assert why(counted, f"{counted.raw}/newer/newer.csv:3") == why(counted, "newer/newer.csv:3")


@pytest.mark.parametrize("place", REASONS)
def test_a_row_says_what_became_of_it(counted: Project, place: str) -> None:
    assert f"  {REASONS[place]}" in why(counted, place)


def test_a_row_is_said_as_written(counted: Project) -> None:
    assert why(counted, "gone.csv:2")[:2] == [
        "gone/gone.csv, row 2",
        "  as written: departed_date: 03MAY12, state: LOUISIANA, citizenship_country: MEXICO, gender: Male, "
        "age_at_removal: 30, mscc_code: 2401",
    ]


def test_wrong_places_are_one_clear_line(counted: Project) -> None:
    with pytest.raises(UsageError, match="name a row as FILE:ROW"):
        why(counted, "newer.csv")
    with pytest.raises(UserError, match=r"nosuch\.csv: no release in the published file holds this file"):
        why(counted, "nosuch.csv:3")
    with pytest.raises(UserError, match="broken: was refused, so none of its rows is counted: "):
        why(counted, "broken/broken.csv:2")


def test_rows_read_again_since_publishing_are_not_shown_for_older_ones(counted: Project, tmp_path: Path) -> None:
    project = Project(counted.raw, tmp_path / "warehouse")
    shutil.copytree(counted.warehouse, project.warehouse)
    shutil.rmtree(project.tables / "staged_rows" / "newer")
    with pytest.raises(UserError, match="newer: its files were read again since its rows were published"):
        [*source_rows(project, find_figure(project, MAY, "sc", "all"))]


def test_a_link_by_person_shows_the_detainer_and_the_detainer_its_removals(tmp_path: Path) -> None:
    project = Project(tmp_path / "raw", tmp_path / "warehouse")
    # `row` is a column of the file's own; the row number stays apart from it.
    folder = put(project, "ice", "removals.csv", f"{PEOPLE}\nA1,2012-05-09,0999,1,x\nA2,2012-05-10,,1,y\n")
    (folder / "detainers.csv").write_text(
        f"{DETAINED}\nA1,2012-05-01,I-247\nA1,2012-05-02,I-247\nA1,2012-05-20,I-247\n"
    )
    assert build_without_dagster(project) == []
    (row,) = source_rows(project, find_figure(project, MAY, "ice", "detainer_linked"))
    assert row == {
        "release": "ice",
        "file": "removals.csv",
        "sheet": None,
        "row": 2,
        "detainer": "detainers.csv:3",
        "Anonymized Identifier": "A1",
        "Departed Date": "2012-05-09",
        "MSC Charge Code": "0999",
        "Final Charge Section": "1",
        "row as written": "x",
    }
    assert why(project, "detainers.csv:3")[2:] == [
        "  a detainer prepared on 2012-05-02; figures of removals do not count detainers",
        "  linked to the removal in removals.csv:2, of 2012-05-09",
    ]
    assert why(project, "detainers.csv:4")[-1] == "  not linked to any removal in use"
    assert why(project, "removals.csv:3")[-1] == (
        "  not in 2012-05, ice, detainer_linked: undetermined: no detainer on its record, and none joined by person"
    )


@pytest.fixture(scope="module")
def republished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A release in the form of a publisher who says of each row where the agency's files have it."""
    project = Project(*(tmp_path_factory.mktemp("republished") / name for name in ("raw", "warehouse")))
    header = "departed_date,prior_deport_yes_no,file_original,sheet_original,row_original,row"
    rows = ["2025-03-03,NO,Removals_FY25.xlsx,Removals,8,1", "2025-03-04,NO,Removals_FY25.xlsx,Removals,9,2"]
    put(project, "ddp", "removals-latest.csv", "\n".join([header, *rows]) + "\n", "received = 2025-07-15")
    assert build_without_dagster(project) == []
    return project


def test_rows_of_a_republished_file_lead_to_the_agencys_own_rows(republished: Project) -> None:
    rows = [*source_rows(republished, find_figure(republished, date(2025, 3, 1), "ice", "all"))]
    assert [list(row.items()) for row in rows] == [
        [
            ("release", "ddp"),
            ("file", "removals-latest.csv"),
            ("sheet", None),
            ("row", line),
            ("file_original", "Removals_FY25.xlsx"),
            ("sheet_original", "Removals"),
            ("row_original", str(line + 6)),
            ("departed_date", f"2025-03-0{line + 1}"),
            ("prior_deport_yes_no", "NO"),
            ("row as written", str(line - 1)),
        ]
        for line in (2, 3)
    ]
    assert (
        "  in the agency's own file: file_original Removals_FY25.xlsx, sheet_original Removals, row_original 8"
        in why(republished, "removals-latest.csv:2")
    )


def of_months(first: str, last: str, population: str, subset: str) -> str:
    """How many removals the rows stand for that trace lists: a printed cell for its number, any other row for one."""
    return f"""(
        select sum(listed.removals)
        from monthly_removals as each, lateral (from trace(each.month, each.population, each.subset)) as listed
        where each.month between '{first}-01' and '{last}-01'
            and each.population = '{population}' and each.subset = '{subset}'
    )"""


# Of each table one figure: how it stands there, and how it comes from the rows that trace lists.
FIGURES = {
    "monthly_removals": (
        "removals from monthly_removals where month = '2017-05-01' and population = 'sc' and subset = 'level1'",
        of_months("2017-05", "2017-05", "sc", "level1"),
    ),
    "removals_by_source": (
        "sc_detainer_linked from removals_by_source where month = '2015-12-01'",
        of_months("2015-12", "2015-12", "sc", "detainer_linked"),
    ),
    "convictions": (
        "any_offense_12m from convictions where month = '2017-07-01' and population = 'sc'",
        f"floor({of_months('2016-08', '2017-07', 'sc', 'convicted')} / 12 + 0.5)",
    ),
    "running_averages": (
        "average_12m from running_averages where month = '2013-06-01' and population = 'sc' and subset = 'all'",
        f"{of_months('2012-07', '2013-06', 'sc', 'all')} / 12",
    ),
    "detainer_shares": (
        "share_of_ice from detainer_shares where span = 'last_5' and population = 'sc'",
        f"{of_months('2015-08', '2015-12', 'sc', 'detainer_linked')} / {of_months('2015-08', '2015-12', 'ice', 'all')}",
    ),
    "headline_figures": (
        "value from headline_figures where figure = 'change_any_offense'",
        f"{of_months('2017-07', '2017-07', 'sc', 'convicted')} - {of_months('2016-08', '2016-08', 'sc', 'convicted')}",
    ),
    "published_comparison": (
        "computed from published_comparison where cell = 'Table 2, 2012-05, Total Removals Using SC Fingerprint Match'",
        of_months("2012-05", "2012-05", "sc", "all"),
    ),
}
FIGURES_OF_BOUNDS = {
    "claim_checks, at least": (
        "observed_low from claim_checks where claim_id = 'trac-level1'",
        of_months("2017-02", "2017-03", "sc", "level1"),
    ),
    "claim_checks, at most": (
        "observed_high from claim_checks where claim_id = 'trac-level1'",
        of_months("2017-01", "2017-03", "sc", "level1"),
    ),
}
FIGURES_OF_RECORDS = {
    "claim_checks": (
        "observed_low from claim_checks where claim_id = 'trac-level1'",
        """(
            select count(*)
            from (values ('2017-01'), ('2017-02'), ('2017-03')) as months (month),
                lateral (from trace(months.month, 'sc', 'level1')) as listed
            where listed.departed_date between '2017-01-25' and '2017-03-31'
        )""",
    ),
    "removals_by_place": (
        "detainer_linked from removals_by_place where month = '2012-05-01' and population = 'sc' "
        "and county_fips = '48201'",
        """(
            select count(*)
            from trace('2012-05', 'sc', 'detainer_linked') as listed
            inner join removals using (release_id, source_file, source_row)
            where removals.county_fips = '48201'
        )""",
    ),
    "release_revisions": (
        "newer from release_revisions where population = 'ice' and subset = 'all' and month = '2021-08-01' "
        "and newer_release = 'sim-ice-2023-42034'",
        "(select count(*) from trace('2021-08', 'ice', 'all') where release_id = 'sim-ice-2023-42034')",
    ),
}


@pytest.mark.parametrize("table", {**FIGURES, **FIGURES_OF_BOUNDS})
def test_a_figure_of_each_table_is_the_sum_of_the_cells_that_trace_lists(shipped_once: Project, table: str) -> None:
    stands, traced = {**FIGURES, **FIGURES_OF_BOUNDS}[table]
    figure, again = ask(shipped_once, f"select {stands}"), ask(shipped_once, f"select {traced}")
    assert figure[0][0]
    assert figure == again


@pytest.mark.slow
@pytest.mark.parametrize("table", {**FIGURES, **FIGURES_OF_RECORDS})
def test_a_figure_of_each_table_is_as_many_rows_as_trace_lists(demo_once: Project, table: str) -> None:
    stands, traced = {**FIGURES, **FIGURES_OF_RECORDS}[table]
    figure, again = ask(demo_once, f"select {stands}"), ask(demo_once, f"select {traced}")
    assert figure[0][0]
    assert figure == again


@pytest.mark.slow
def test_every_figure_counted_from_rows_is_as_many_rows_as_trace_lists(demo_once: Project) -> None:
    listed = """
        select count(*), count(*) filter (where listed.rows <> coalesce(removals, 0))
        from monthly_removals as figures,
            lateral (select count(*) as rows from trace(figures.month, figures.population, figures.subset)) as listed
        where origin = 'records'
    """
    assert ask(demo_once, listed) == [(685, 0)]
    figures = ask(
        demo_once, "select month, population, subset, removals from monthly_removals where origin = 'records'"
    )
    with_rows = [figure for figure in figures if figure[3]]
    for month, population, subset, removals in with_rows[:: len(with_rows) // 10]:
        rows = [*source_rows(demo_once, find_figure(demo_once, month, population, subset))]
        assert len({(row["file"], row["sheet"], row["row"]) for row in rows}) == removals
