"""The pipeline and an independent reckoning of the design's rules agree on random releases with every kind of unknown.

`SC_PIPELINE_RANDOM_RELEASES` sets how many releases are compared; each is named by its seed.
"""

import os
import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.project import Project
from tests.random_releases import MARKS, UNREADABLE, random_release, write
from tests.reckoning import (
    CONVICTION_FIELDS,
    FIELDS,
    SUBSETS,
    Cell,
    Figure,
    Reckoning,
    Release,
    Table,
    Withheld,
    convicted,
    reckon,
    serving,
)

SIZE = int(os.environ.get("SC_PIPELINE_RANDOM_RELEASES", "16"))
SEEDS = range(SIZE)
PROPERTY_SEEDS = range(1000, 1000 + max(4, SIZE // 6))


def build(releases: Iterable[Release], folder: Path) -> duckdb.DuckDBPyConnection:
    """The published file of a project with these releases, none of which may be refused."""
    project = Project(folder / "raw", folder / "warehouse")
    for release in releases:
        write(release, project.raw)
    assert build_without_dagster(project) == []
    return duckdb.connect(str(project.published), read_only=True)


def differences(
    release: Release,
    reckoning: Reckoning,
    found: dict[tuple[date, str], tuple[int | None, int | None, str, str | None]],
) -> list[str]:
    """Each month and subset of a release where the pipeline's figure is not the one reckoned, in a line."""
    lines = []
    for (month, subset), figure in sorted(reckoning.figures.items()):
        is_empty = figure.removals == 0 and reckoning.figures[month, "all"].removals == 0
        if is_empty and subset != "all":
            continue
        here = found.get((month, subset))
        if here is None or not agrees(figure, here):
            lines.append(f"{release.id} {month:%Y-%m} {subset}: expected {shown(figure)}, found {here}")
    return lines


def agrees(figure: Figure, found: tuple[int | None, int | None, str, str | None]) -> bool:
    """Whether a published figure is one that the reckoning allows; how many are undetermined counts beside a number."""
    removals, undetermined, status, _ = found
    if (removals, True) != (figure.removals, status in figure.statuses):
        return False
    return removals is None or undetermined == figure.undetermined


def shown(figure: Figure) -> str:
    """A reckoned figure in short."""
    return f"({figure.removals}, {figure.undetermined}, {'|'.join(sorted(figure.statuses))})"


def published(
    connection: duckdb.DuckDBPyConnection,
) -> dict[str, dict[tuple[date, str], tuple[int | None, int | None, str, str | None]]]:
    """The figures of each release, by month and subset."""
    found: dict[str, dict[tuple[date, str], Any]] = {}
    query = """
        select release_id, month, subset, removals, undetermined, status, level_basis
        from core.release_months
    """
    for release_id, month, subset, *figure in connection.execute(query).fetchall():
        found.setdefault(release_id, {})[month, subset] = tuple(figure)
    return found


def members(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str, int], tuple[bool | None, ...]]:
    """The three truths of each accepted removal, by release, file and row."""
    query = """
        select release_id, source_file, source_row, convicted, level1, detainer_linked
        from core.removals_by_release
    """
    return {tuple(row[:3]): tuple(row[3:]) for row in connection.execute(query).fetchall()}


@pytest.fixture(scope="module")
def reckoned() -> dict[str, tuple[Release, Reckoning]]:
    """The random releases, by name, with what they must come to."""
    releases = [random_release(seed) for seed in SEEDS]
    return {release.id: (release, reckon(release)) for release in releases}


@pytest.fixture(scope="module")
def built(
    reckoned: dict[str, tuple[Release, Reckoning]], tmp_path_factory: pytest.TempPathFactory
) -> duckdb.DuckDBPyConnection:
    """All random releases, built in one project."""
    return build((release for release, _ in reckoned.values()), tmp_path_factory.mktemp("random"))


def test_each_row_is_in_each_subset_out_of_it_or_unknown(reckoned, built):
    expected = {
        (name, f"removals_{table}.csv", position + 2): (row.convicted, row.level1, row.detainer_linked)
        for name, (_, reckoning) in reckoned.items()
        for (table, position), row in reckoning.rows.items()
    }
    found = members(built)
    wrong = [
        f"{key}: expected {expected.get(key, 'not accepted')}, found {found.get(key, 'not accepted')}"
        for key in sorted(expected | found)
        if expected.get(key) != found.get(key)
    ]
    assert wrong == []


def test_silences_have_the_reckoned_reasons(reckoned, built):
    query = "select release_id, month, field, reason from meta.silences where population <> ''"
    # Of a month without rows no field says anything, and a detainer's own day is not missed beside a table of them.
    with_rows = {
        (name, month)
        for name, (_, made) in reckoned.items()
        for month, _ in made.figures
        if made.figures[month, "all"].removals
    }
    joined = {name for name, (release, _) in reckoned.items() if any(t.kind == "detainers" for t in release.tables)}
    expected = {
        (name, month, field, reason)
        for name, (_, reckoning) in reckoned.items()
        for (month, field), reason in reckoning.silences.items()
        if (name, month) in with_rows
    }
    found = {
        row
        for row in built.execute(query).fetchall()
        if row[2] in FIELDS and row[:2] in with_rows and row[3] != "ids_do_not_join"
        if row[0] not in joined or row[2:] != ("detainer_prepare_date", "not_in_release")
    }
    assert (sorted(expected - found), sorted(found - expected)) == ([], [])


def test_every_months_figures_are_those_reckoned(reckoned, built):
    found = published(built)
    wrong = [line for name, (release, made) in reckoned.items() for line in differences(release, made, found[name])]
    assert wrong == []


def test_each_month_is_served_by_the_reckoned_release(reckoned, built):
    query = "select population, month, release_id from monthly_removals where subset = 'all' and removals is not null"
    served = {(population, month): name for population, month, name in built.execute(query).fetchall()}
    months = {(release.population, month) for release, reckoning in reckoned.values() for month, _ in reckoning.figures}
    assert served == {(population, month): serving(reckoned, population, month) for population, month in months}


def test_the_level_basis_is_printed_beside_each_number(reckoned, built):
    found = published(built)
    wrong = [
        (name, month)
        for name, (_, reckoning) in reckoned.items()
        for (month, subset), figure in reckoning.figures.items()
        if subset == "level1" and figure.removals and found[name][month, subset][3] != reckoning.level_basis
    ]
    assert wrong == []


def test_level1_is_never_more_than_convicted_nor_convicted_more_than_all(built):
    query = """
        select release_id, population, month, subset, removals, removals + undetermined
        from core.release_months
        where removals is not null and subset in ('level1', 'convicted', 'all')
    """
    ends: dict[Any, dict[str, tuple[int, int]]] = {}
    for *key, subset, low, high in built.execute(query).fetchall():
        ends.setdefault(tuple(key), {})[subset] = (low, high)
    pairs = (("level1", "convicted"), ("convicted", "all"))
    wrong = [
        (key, small, large)
        for key, figures in ends.items()
        for small, large in pairs
        if {small, large} <= set(figures) and any(figures[small][end] > figures[large][end] for end in (0, 1))
    ]
    assert wrong == []


def test_each_row_is_counted_once(built):
    query = """
        select one.release_id, one.population, one.month
        from core.release_months as one
        join core.release_months as other using (release_id, population, month)
        join core.release_months as whole using (release_id, population, month)
        where
            one.subset = 'convicted'
            and other.subset = 'not_convicted'
            and whole.subset = 'all'
            and one.removals + other.removals + one.undetermined <> whole.removals
    """
    assert built.execute(query).fetchall() == []


def test_a_silent_field_never_yields_a_number(reckoned, built):
    found = published(built)
    wrong = []
    for name, (release, reckoning) in reckoned.items():
        is_joined = any(table.kind == "detainers" for table in release.tables)
        for month, subset in reckoning.figures:
            silent = {field for field in FIELDS if (month, field) in reckoning.silences}
            needs = {"person_id"} if is_joined else {"detainer_prepare_date"}
            has_rows = bool(reckoning.figures[month, "all"].removals)
            if subset == "detainer_linked" and silent & needs and has_rows:
                wrong += [(name, month)] if found[name][month, subset][0] is not None else []
    assert wrong == []


# Properties of pairs of releases


def darkened(release: Release, luck: random.Random) -> Release:
    """The release with one decisive cell made unreadable or redacted."""
    places = [
        (t, r, name)
        for t, table in enumerate(release.tables)
        for r, row in enumerate(table.rows)
        for name, cell in row.items()
        if name != "departed_date" and cell.state in ("value", "blank")
        if _is_near(table, row, release) and (name not in CONVICTION_FIELDS or len(verdicts(row)) < 2)
    ]
    if not places:
        return release
    t, r, name = luck.choice(places)
    state = luck.choice(("unreadable", "redacted"))
    cell = Cell(state, None, luck.choice(MARKS if state == "redacted" else UNREADABLE[name]))
    rows = list(release.tables[t].rows)
    rows[r] = rows[r] | {name: cell}
    tables = list(release.tables)
    tables[t] = replace(tables[t], rows=tuple(rows))
    return replace(release, id=f"{release.id}-dark", tables=tuple(tables))


def verdicts(row: dict[str, Cell]) -> set[bool]:
    """What the fields of a row say of a conviction. Where they disagree, the loss of one uncovers another's verdict."""
    alone = [{name: row[name]} for name in CONVICTION_FIELDS if name in row and row[name].state == "value"]
    return {is_convicted for cells in alone if (is_convicted := convicted(cells, set())) is not None}


def _is_near(table: Table, row: dict[str, Cell], release: Release) -> bool:
    """Whether a detainer without its identifier may still belong to a removal: within 365 days of a month's end."""
    if table.kind == "removals":
        return True
    day = row["detainer_prepare_date"].value
    days = [row["departed_date"].value for table in release.tables if table.kind == "removals" for row in table.rows]
    last = max(day for day in days if isinstance(day, date))
    return isinstance(day, date) and (last - day).days < 320


def interval(figure: tuple[int | None, int | None, str, str | None], rows: int) -> tuple[int, int]:
    """The least and the most that a figure allows; a silence allows anything."""
    return (0, rows) if figure[0] is None else (figure[0], figure[0] + (figure[1] or 0))


def test_reckoned_intervals_only_widen_as_cells_become_unknown():
    luck = random.Random(1)
    for seed in range(4000, 4400):
        release = random_release(seed)
        before = reckon(release)
        after = reckon(darkened(release, luck))
        if before.silences != after.silences:
            continue
        for key, figure in before.figures.items():
            rows = before.figures[key[0], "all"].removals or 0
            old = interval((figure.removals, figure.undetermined, "", None), rows)
            new = interval((after.figures[key].removals, after.figures[key].undetermined, "", None), rows)
            assert new[0] <= old[0], (seed, key)
            assert new[1] >= old[1], (seed, key)


def permuted(release: Release, luck: random.Random) -> Release:
    """The release with its files, and each file's columns and rows, in another order."""
    tables = [
        Table(
            table.kind,
            tuple(luck.sample(table.fields, len(table.fields))),
            tuple(luck.sample(table.rows, len(table.rows))),
        )
        for table in release.tables
    ]
    return replace(release, id=f"{release.id}-moved", tables=tuple(luck.sample(tables, len(tables))))


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[tuple[Release, Release, Release]], Any]:
    """Releases with one cell made unknown, and in another order, built in one project."""
    luck = random.Random(2)
    made = [(r, darkened(r, luck), permuted(r, luck)) for r in map(random_release, PROPERTY_SEEDS)]
    distinct = {release.id: release for group in made for release in group}
    return made, build(distinct.values(), tmp_path_factory.mktemp("pairs"))


def test_intervals_only_widen_as_cells_become_unknown(pairs):
    made, connection = pairs
    found = published(connection)
    wrong = []
    for release, dark, _ in made:
        if reckon(release).silences != reckon(dark).silences:
            continue
        for (month, subset), figure in found[release.id].items():
            rows = found[release.id][month, "all"][0] or 0
            old, new = interval(figure, rows), interval(found[dark.id][month, subset], rows)
            wrong += [(release.id, month, subset, old, new)] if new[0] > old[0] or new[1] < old[1] else []
    assert wrong == []


def test_the_order_of_rows_columns_and_files_changes_nothing(pairs):
    made, connection = pairs
    found = published(connection)
    assert [r.id for r, _, moved in made if found[r.id] != found[moved.id]] == []


# Known answers: the reckoning itself, against releases reckoned by hand


def value(text: str | date) -> Cell:
    """A cell with a value."""
    return Cell("value", text, str(text))


BLANK, MARK, GARBLED = Cell("blank"), Cell("redacted", None, "(b)(6)"), Cell("unreadable", None, "?")


def removal(day: date, **cells: Cell) -> dict[str, Cell]:
    """A removal's cells."""
    return {"departed_date": value(day)} | cells


def a_release(rows: list[dict[str, Cell]], *others: Table, **facts: Any) -> Release:
    """A release of one table of removals, covered for certain in all its months, and other tables."""
    facts = {"covers": (date(2012, 1, 1), date(2015, 12, 31)), "population": "ice"} | facts
    return Release(
        "a",
        facts.pop("population"),
        date(2016, 6, 1),
        (Table("removals", tuple(rows[0]), tuple(rows)), *others),
        **facts,
    )


def figure_of(release: Release, subset: str, month: date = date(2014, 5, 1)) -> str:
    """A reckoned figure in short."""
    return shown(reckon(release).figures[month, subset])


MAY = date(2014, 5, 10)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"criminality": value("1 Convicted Criminal"), "msc_status": value("Pending")}, True),
        ({"criminality": value("2 Pending Criminal Charges"), "msc_code": value("0999")}, False),
        ({"criminality": BLANK, "msc_status": value("Pending"), "msc_code": value("0999")}, False),
        ({"criminality": MARK, "msc_status": value("Convicted")}, True),
        ({"criminality": BLANK, "reported_threat_level": value("3")}, True),
        ({"criminality": BLANK, "msc_code": value("5404")}, True),
        ({"criminality": BLANK, "msc_code": value("0000")}, False),
        ({"criminality": MARK, "msc_code": value("0000")}, None),
        ({"criminality": BLANK, "msc_code": BLANK}, False),
        ({"criminality": GARBLED, "msc_code": BLANK}, None),
        ({"criminality": MARK, "msc_code": BLANK}, None),
        ({"person_id": value("x")}, None),
    ],
)
def test_the_first_field_with_a_value_decides_a_conviction(cells, expected):
    # Another row states each field, so that none is silent.
    spoken = {
        name: value({"criminality": "1 Convicted Criminal", "msc_status": "Convicted"}.get(name, "1201"))
        for name in cells
    }
    spoken |= {"reported_threat_level": value("2")} if "reported_threat_level" in cells else {}
    reckoning = reckon(a_release([removal(MAY, **cells), removal(MAY, **spoken)]))
    assert reckoning.rows[0, 0].convicted is expected


@pytest.mark.parametrize(
    ("level", "code", "basis", "level1"),
    [
        ("1", "5404", "threat_level_2011", True),
        ("2", "1201", "threat_level_2011", False),
        (None, "1201", "offense_2009", True),
        (None, "5404", "offense_2009", False),
        (None, "3501", "offense_2009", None),
        (None, "2901", "offense_2009", False),
        (None, "0000", "offense_2009", None),
    ],
)
def test_level_1_has_one_basis(level, code, basis, level1):
    cells = {"criminality": value("1 Convicted Criminal"), "msc_code": value(code)}
    cells |= {"reported_threat_level": value(level)} if level else {}
    reckoning = reckon(a_release([removal(MAY, **cells)]))
    assert (reckoning.level_basis, reckoning.rows[0, 0].level1) == (basis, level1)


def test_no_level_is_borrowed_from_the_other_basis():
    rows = [
        removal(MAY, reported_threat_level=value("2"), msc_code=value("5404")),
        removal(MAY, reported_threat_level=BLANK, msc_code=value("1201")),
    ]
    assert figure_of(a_release(rows), "level1") == "(0, 1, at_least)"


@pytest.mark.parametrize(
    ("others", "cells", "reason"),
    [
        ([], [MARK], "withheld"),
        ([], [GARBLED, BLANK], "unreadable"),
        ([], [BLANK], "not_disclosed"),
        ([], [MARK, GARBLED], "not_disclosed"),
        # A half of the two values to be expected is one.
        ([value("0999"), BLANK], [MARK, BLANK, BLANK, BLANK], "withheld"),
        ([value("0999")], [MARK, MARK, BLANK, BLANK, BLANK], None),
        ([value("0999")], [BLANK] * 7, "not_disclosed"),
        ([value("0999")], [BLANK] * 6, None),
        ([value("0999")], [MARK, *[BLANK] * 6], "not_disclosed"),
        ([value("0999")], [value("0999"), MARK, MARK, MARK], None),
    ],
)
def test_a_months_silence_has_its_reason(others, cells, reason):
    rows = [removal(date(2014, 4, 5), msc_code=cell) for cell in others]
    rows += [removal(MAY, msc_code=cell) for cell in cells]
    assert reckon(a_release(rows)).silences.get((date(2014, 5, 1), "msc_code")) == reason


def test_silence_is_judged_over_a_run_of_months():
    rows = [removal(date(2014, month, 5), msc_code=value("0999")) for month in (1, 6)]
    rows += [removal(date(2014, month, day), msc_code=BLANK) for month in (2, 3) for day in (1, 2, 3, 4)]
    silences = reckon(a_release(rows)).silences
    months = [month.month for month, name in silences if name == "msc_code" and month.year == 2014]
    assert months == [2, 3, 4, 5]


def test_values_are_expected_at_the_rate_of_the_nearest_twelve_months():
    early = [
        removal(date(2012, month, day), msc_code=value("0999") if day == 1 else BLANK)
        for month in range(1, 13)
        for day in range(1, 11)
    ]
    late = [removal(date(2013, month, 1), msc_code=value("0999")) for month in range(1, 13)]
    blank = [removal(date(2014, 1, day), msc_code=BLANK) for day in range(1, 8)]
    assert reckon(a_release(early + late + blank)).silences[date(2014, 1, 1), "msc_code"] == "not_disclosed"


def test_a_declared_field_says_nothing_even_where_a_value_is_written():
    rows = [removal(MAY, detainer_prepare_date=value(date(2014, 4, 1)))]
    declared = (Withheld(("detainer_prepare_date",), date(2014, 5, 1), date(2014, 5, 1)),)
    assert figure_of(a_release(rows, population="sc", withheld=declared), "detainer_linked") == "(None, 1, withheld)"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([value(date(2014, 4, 1)), BLANK], "(1, 0, reported)"),
        ([value(MAY), value(date(2014, 5, 11))], "(1, 0, reported)"),
        ([value(date(2014, 4, 1)), MARK, GARBLED, BLANK], "(1, 2, at_least)"),
        ([MARK, BLANK], "(None, 2, withheld)"),
        ([BLANK], "(None, 1, not_disclosed)"),
    ],
)
def test_a_detainer_on_the_record_is_prepared_on_or_before_the_departure(cells, expected):
    rows = [removal(MAY, detainer_prepare_date=cell) for cell in cells]
    assert figure_of(a_release(rows, population="sc"), "detainer_linked") == expected


def test_a_release_without_detainers_does_not_withhold_them():
    assert (
        figure_of(a_release([removal(MAY, person_id=value("ann"))]), "detainer_linked") == "(None, 1, not_in_release)"
    )


def detainers(*rows: tuple[str | None, date | Cell]) -> Table:
    """A table of detainers: person and day; one of somebody else in each month from 2013 to 2015."""
    others = [(f"other{year}{month}", date(year, month, 2)) for year in (2013, 2014, 2015) for month in range(1, 13)]
    cells = tuple(
        {
            "detainer_prepare_date": value(day) if isinstance(day, date) else day,
            "person_id": value(person) if person else BLANK,
        }
        for person, day in (*rows, *others)
    )
    return Table("detainers", ("detainer_prepare_date", "person_id"), cells)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        # Three removals: ann, bob and one without an identifier; bob's only detainer is long before.
        ([("ann", date(2014, 5, 10))], "(2, 1, at_least)"),
        ([("ann", date(2014, 5, 11))], "(1, 1, at_least)"),
        ([("ann", MARK)], "(1, 2, at_least)"),
        ([("ann", MARK), ("ann", date(2014, 5, 11))], "(1, 2, at_least)"),
        # Each without an identifier may be ann's, but two of them are not two of hers.
        ([(None, date(2014, 1, 5))], "(1, 2, at_least)"),
        ([(None, date(2014, 1, 5)), (None, date(2014, 2, 5))], "(1, 2, at_least)"),
        ([(None, date(2013, 5, 5))], "(1, 1, at_least)"),
        ([(None, MARK)], "(1, 2, at_least)"),
    ],
)
def test_joined_detainers(found, expected):
    rows = [removal(MAY, person_id=value(person)) for person in ("ann", "bob")] + [removal(MAY, person_id=BLANK)]
    release = a_release(rows, detainers(("bob", date(2013, 2, 3)), *found))
    assert figure_of(release, "detainer_linked") == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2014, 1, 2), False),
        (date(2014, 1, 1), None),
        (date(2012, 6, 1), None),
        (date(2015, 12, 2), False),
        (date(2015, 12, 3), None),
    ],
)
def test_an_unmatched_removal_near_an_end_of_the_detainers_is_unknown(day, expected):
    rows = [removal(day, person_id=value("ann")), removal(MAY, person_id=value("other20141"))]
    assert reckon(a_release(rows, detainers())).rows[0, 0].detainer_linked is expected


def test_a_month_within_a_year_of_the_first_detainer_is_partial():
    rows = [removal(date(2013, 12, 5), person_id=value(person)) for person in ("other20135", "ann")]
    rows += [removal(date(2013, 11, 5), person_id=value("ann"))]
    release = a_release(rows, detainers())
    assert figure_of(release, "detainer_linked", date(2013, 12, 1)) == "(1, 1, partial)"
    assert figure_of(release, "detainer_linked", date(2013, 11, 1)) == "(None, 1, partial)"


def test_identifiers_that_never_match_are_silent():
    rows = [removal(MAY, person_id=value("ann"))]
    assert figure_of(a_release(rows, detainers()), "detainer_linked") == "(None, 1, ids_do_not_join)"


def test_months_that_the_coverage_cuts_and_the_last_thirty_days_are_partial():
    rows = [removal(date(2014, 3, 1)), removal(date(2014, 4, 20)), removal(date(2014, 5, 10))]
    undeclared = {
        month.month: shown(f) for (month, s), f in reckon(a_release(rows, covers=None)).figures.items() if s == "all"
    }
    assert undeclared == {3: "(1, 0, reported)", 4: "(1, 0, partial)", 5: "(1, 0, partial)"}
    declared = reckon(a_release(rows, covers=(date(2014, 3, 2), date(2014, 5, 30)))).figures
    assert [next(iter(declared[date(2014, m, 1), "all"].statuses)) for m in (3, 4, 5)] == [
        "partial",
        "reported",
        "partial",
    ]


def test_every_subset_is_reckoned_for_every_month():
    reckoning = reckon(random_release(0))
    months = {month for month, _ in reckoning.figures}
    assert set(reckoning.figures) == {(month, subset) for month in months for subset in SUBSETS}
