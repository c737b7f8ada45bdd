"""What a release says of a year or a month, against a printed total and against the release before it."""

from tests.rules import Rule

TITLE = "Years and revisions"

_TWELVE = [*(f"2023-{month:02}" for month in (10, 11, 12)), *(f"2024-{month:02}" for month in range(1, 10))]
_YEAR = """
    release_id | covers_from | covers_to
    whole | 2023-10-01 | 2024-09-30
    thin | 2023-10-01 | 2024-09-30
"""


def _removals(release: str, months: list[str], a_month: int) -> str:
    return "".join(f"{release} | {month}-{day:02}\n" for month in months for day in range(1, a_month + 1))


# 24 of 36 removals: a third of the year is missing, spread over its months or at its end.
_WHOLE_AND_THIN = "release_id | departed_date\n" + _removals("whole", _TWELVE, 3) + _removals("thin", _TWELVE, 2)
_CUT = "release_id | departed_date\n" + _removals("cut", ["2023-09", *_TWELVE[:4], *_TWELVE[8:], "2024-10"], 3)

RULES = [
    Rule(
        title="Each release's own months meet the printed total of a fiscal year",
        text="Whichever release serves the months: one that is not in use is held to the total too.",
        given={
            "published_years": "fiscal_year | value\n2024 | 36",
            "releases": _YEAR,
            "removals_by_release": _WHOLE_AND_THIN,
        },
        table="yearly_comparison_by_release",
        expected="""
            fiscal_year | publication | release_id | published | computed_low | computed_high | months_held | verdict
            2024 | printed | thin | 36 | 24 | 24 | 12 | differs
            2024 | printed | whole | 36 | 36 | 36 | 12 | same
        """,
    ),
    Rule(
        title="A release that lacks a third of a year does not pass",
        text="A production of June 2025 had 109,535 removals of fiscal year 2024, where ICE's annual report has "
        "271,484. Its months were all there.",
        given={
            "published_years": "fiscal_year | value\n2024 | 36",
            "releases": _YEAR,
            "removals_by_release": _WHOLE_AND_THIN,
        },
        table="releases_meet_yearly_totals",
        expected="release_id | fiscal_year | publication | published | computed_low | months_held\n"
        "thin | 2024 | printed | 36 | 24 | 12",
    ),
    Rule(
        title="A release with a hole of four months in a year does not pass",
        text="It has months before and after the year, so that it claims to hold the year.",
        given={
            "published_years": "fiscal_year | value\n2024 | 36",
            "removals_by_release": _CUT,
        },
        table="releases_meet_yearly_totals",
        expected="release_id | fiscal_year | publication | published | computed_low | months_held\n"
        "cut | 2024 | printed | 36 | 24 | 8",
    ),
    Rule(
        title="Two releases are compared by area and by country where both have them",
        text="A month in which one of them says nothing of the field is left out.",
        given={
            "releases": """
                release_id | received | covers_from | covers_to
                first | 2014-01-01 | 2012-05-01 | 2012-05-31
                second | 2015-01-01 | 2012-05-01 | 2012-05-31
            """,
            "field_disclosure": """
                release_id | month | field | disclosed
                first | 2012-05 | aor | 2
                first | 2012-05 | citizenship_country | 2
                second | 2012-05 | aor | 3
                second | 2012-05 | citizenship_country | 0
            """,
            "removals_by_release": """
                release_id | departed_date | aor | citizenship_iso
                first | 2012-05-03 | ATLANTA | MEX
                first | 2012-05-04 | DALLAS | MEX
                second | 2012-05-03 | ATLANTA |
                second | 2012-05-04 | ATLANTA |
                second | 2012-05-04 | |
            """,
        },
        table="revisions_by_group",
        expected="""
            dimension | month | group_value | older_release | newer_release | older | newer | change
            aor | 2012-05 | '' | first | second | 0 | 1 | 1
            aor | 2012-05 | ATLANTA | first | second | 1 | 2 | 1
            aor | 2012-05 | DALLAS | first | second | 1 | 0 | -1
        """,
    ),
    Rule(
        title="Where identifiers agree, rows are new, gone or changed by field",
        text="A field counts as changed where both rows have a value and they differ. A person's row on another day is "
        "a departure whose day was changed.",
        given={
            "releases": """
                release_id | received | covers_from | covers_to
                first | 2014-01-01 | 2012-05-01 | 2012-05-31
                second | 2015-01-01 | 2012-05-01 | 2012-05-31
            """,
            "removals_by_release": """
                release_id | departed_date | person_id | aor | gender | source_row
                first | 2012-05-03 | ann | ATLANTA | FEMALE | 2
                first | 2012-05-04 | bob | DALLAS | MALE | 3
                first | 2012-05-05 | cas | DALLAS | MALE | 4
                first | 2012-05-06 | dan | DALLAS | | 5
                second | 2012-05-03 | ann | ATLANTA | FEMALE | 2
                second | 2012-05-04 | bob | ATLANTA | FEMALE | 3
                second | 2012-05-09 | cas | DALLAS | MALE | 4
                second | 2012-05-09 | eve | DALLAS | MALE | 5
            """,
        },
        table="revised_removals",
        expected="""
            outcome | field | older_value | newer_value | older_row | newer_row
            changed | aor | DALLAS | ATLANTA | 3 | 3
            changed | departed_date | 2012-05-05 | 2012-05-09 | 4 | 4
            changed | gender | MALE | FEMALE | 3 | 3
            gone | '' | 2012-05-06 | | 5 |
            new | '' | | 2012-05-09 | | 5
        """,
    ),
    Rule(
        title="Where identifiers do not agree, no row is said to be new or gone",
        text="Less than half of the older release's persons are in the newer one: its identifiers are others.",
        given={
            "releases": """
                release_id | received | covers_from | covers_to
                first | 2014-01-01 | 2012-05-01 | 2012-05-31
                second | 2015-01-01 | 2012-05-01 | 2012-05-31
            """,
            "removals_by_release": """
                release_id | departed_date | person_id
                first | 2012-05-03 | ann
                first | 2012-05-04 | bob
                first | 2012-05-04 | cas
                second | 2012-05-03 | ann
                second | 2012-05-04 | x1
            """,
        },
        table="revised_rows",
        expected="month | outcome | field | removals",
    ),
]
