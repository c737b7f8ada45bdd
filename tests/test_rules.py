"""Every rule's example is a test, and the page of rules shows them all."""

import re
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tests.rules
from sc_pipeline import reference
from sc_pipeline import sql as engine
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import failures
from sc_pipeline.schemas.core import STATUSES
from sc_pipeline.schemas.records import SILENCES, SUBSETS
from tests.rules import Rule, all_rules, base_tables, compute, expected_rows, found_rows, parse, rules_page


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.title)
def test_rule(rule: Rule):
    check = engine.sql_checks().get(rule.table)
    made = compute(base_tables(rule.given), check.inputs if check else [rule.table])
    assert found_rows(rule, made) == expected_rows(rule)
    broken = {name: failures(MODELS[name], made[name]) for name in made.keys() & engine.sql_tables().keys()}
    assert {name: lines for name, lines in broken.items() if lines} == {}


def test_every_chapter_is_on_the_page():
    assert sorted(tests.rules.CHAPTERS) == sorted(module.name for module in iter_modules(tests.rules.__path__))


def test_titles_are_distinct():
    titles = [rule.title for rule in all_rules()]
    assert len(titles) == len(set(titles))


def test_the_page_shows_every_rule_with_its_example():
    page = rules_page()
    for rule in all_rules():
        assert f"### {rule.title}\n\n{rule.text}\n\n" in page
        for cells in parse(rule.expected)[1]:
            assert "| " + " | ".join(cell or "" for cell in cells) + " |" in page


def test_names_in_sql_are_words():
    # One clause a line, lower case: upper case is left to values between quotes and to comments.
    for path in sorted(Path(engine.PACKAGE).rglob("*.sql")):
        bare = re.sub(r"'[^']*'|--[^\n]*", "", path.read_text(encoding="utf-8"))
        assert bare == bare.lower(), path.name


# A membership of convictions and of Level 1 as a row may have it: Level 1 is known only where the conviction is.
CONVICTIONS = [(True, True), (True, False), (True, None), (False, False), (None, None)]
ROWS = st.lists(
    st.tuples(st.sampled_from([3, 4, 5]), st.sampled_from(CONVICTIONS), st.sampled_from([True, False, None])),
    min_size=1,
    max_size=12,
)
SILENT = st.sets(
    st.tuples(
        st.sampled_from([row["field"] for row in reference.load("subset_fields").to_pylist()]),
        st.sampled_from(SILENCES),
    ),
    max_size=4,
)


def release_months(
    rows: list[tuple[int, tuple[bool | None, bool | None], bool | None]], silent: set[tuple[str, str]]
) -> dict[tuple[int, str], dict[str, Any]]:
    """Month, subset -> its figure, of a release of such rows, with fields that are silent in each month."""

    def text(value: bool | None) -> str:
        return "" if value is None else str(value).lower()

    given = {
        "releases": "release_id | covers_from | covers_to\na | 2012-03-01 | 2012-05-31",
        "removals_by_release": "\n".join(
            ["departed_date | convicted | level1 | detainer_linked"]
            + [f"2012-0{month}-02 | {text(a)} | {text(b)} | {text(c)}" for month, (a, b), c in rows]
        ),
        "silences": "\n".join(
            ["month | field | reason"]
            + [f"2012-0{month} | {field} | {reason}" for month in (3, 4, 5) for field, reason in dict(silent).items()]
        ),
    }
    table = engine.sql_tables()["release_months"]
    made = engine.run(table, base_tables(given), threads=1).read_all().to_pylist()
    return {(row["month"].month, row["subset"]): row for row in made}


@settings(max_examples=40)
@given(rows=ROWS, silent=SILENT)
def test_each_row_is_counted_as_true_false_or_unknown(rows: Any, silent: Any):
    found = release_months(rows, silent)
    for month in {row[0] for row in rows}:
        memberships = [(a, b, c) for at, (a, b), c in rows if at == month]
        for subset, place in (("convicted", 0), ("level1", 1), ("detainer_linked", 2)):
            values = [membership[place] for membership in memberships]
            figure = found[month, subset]
            assert figure["undetermined"] == values.count(None)
            assert figure["removals"] in (values.count(True), None)
            assert (figure["removals"] is None) == (figure["status"] in SILENCES)
            if figure["removals"] is None:
                assert figure["status"] in dict(silent).values() or set(values) == {None}
                assert values.count(True) == 0 < values.count(None)


@settings(max_examples=40)
@given(rows=ROWS, silent=SILENT, data=st.data())
def test_hiding_a_cell_never_raises_a_count_nor_lowers_what_it_may_be(rows: Any, silent: Any, data: st.DataObject):
    at = data.draw(st.integers(0, len(rows) - 1))
    month, (convicted, level1), _ = rows[at]
    hidden = data.draw(
        st.sampled_from(
            [
                (month, (None, None), rows[at][2]),
                (month, (convicted, None if convicted else level1), rows[at][2]),
                (month, (convicted, level1), None),
            ]
        )
    )
    before = release_months(rows, silent)
    after = release_months([*rows[:at], hidden, *rows[at + 1 :]], silent)
    for key in before:
        low, high = (after[key][name] or 0 for name in ("removals", "undetermined"))
        assert low <= (before[key]["removals"] or 0)
        assert low + high >= (before[key]["removals"] or 0) + before[key]["undetermined"]


@settings(max_examples=40)
@given(rows=ROWS, silent=SILENT)
def test_a_part_is_never_larger_than_its_whole_at_either_end(rows: Any, silent: Any):
    found = release_months(rows, silent)
    for month in {row[0] for row in rows}:
        for part, whole in (("level1", "convicted"), ("convicted", "all"), ("detainer_linked", "all")):
            low, high = ((found[month, subset]["removals"] or 0) for subset in (part, whole))
            assert low <= high
            assert low + found[month, part]["undetermined"] <= high + found[month, whole]["undetermined"]


def test_the_reference_table_holds_the_subsets_in_their_order():
    assert tuple(row["subset"] for row in reference.load("subsets").to_pylist()) == SUBSETS
    assert tuple(row["status"] for row in reference.load("statuses").to_pylist()) == STATUSES
