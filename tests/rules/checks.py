"""What the checks find."""

from tests.rules import REMOVALS, Rule

TITLE = "Checks"

RULES = [
    Rule(
        title="Every row read is accepted, quarantined or left out",
        text="Blocking: a file of which a row is lost is never published.",
        given={
            "source_files": """
                file | rows_read | rows_accepted | rows_quarantined | rows_left_out
                good.csv | 9 | 5 | 1 | 3
                bad.csv | 9 | 5 | 1 | 2
            """,
        },
        table="row_conservation",
        expected="file | rows_read | rows_accepted | rows_quarantined | rows_left_out\nbad.csv | 9 | 5 | 1 | 2",
    ),
    Rule(
        title="Conviction fields that disagree are counted",
        text="The first in the order of the rule decides; how often another says otherwise is a warning.",
        given={
            "removals_by_release": """
                departed_date | criminality | msc_status | reported_threat_level | msc_code
                2012-05-03 | 1 CONVICTED CRIMINAL | CONVICTED | 1 | 0999
                2012-05-03 | 1 CONVICTED CRIMINAL | PENDING | |
                2012-05-03 | 2 PENDING CRIMINAL CHARGES | CONVICTED | |
                2012-05-03 | 2 PENDING CRIMINAL CHARGES | PENDING | | 0999
                2012-05-03 | 2 PENDING CRIMINAL CHARGES | | 2 |
                2012-05-03 | 3 OTHER IMMIGRATION VIOLATOR | | | 0999
                2012-05-03 | 3 OTHER IMMIGRATION VIOLATOR | | | 0000
                2012-05-03 | | PENDING | 1 | 0999
            """,
        },
        table="conviction_fields_agree",
        expected="""
            release_id | disagreement | rows
            a | a level is stated, criminality is not convicted | 1
            a | an offense code is there, criminality has no charge | 1
            a | criminality is convicted, the charge status is not | 1
            a | the charge status is convicted, criminality is not | 1
        """,
    ),
    Rule(
        title="Removals whose case status is not a departure are counted",
        text="A person who died, or whose case is active, did not depart. The row is counted as it was delivered, and "
        "the check says how many there are.",
        given={
            "removals_by_release": """
                departed_date | case_status
                2012-05-03 | 8-EXCLUDED/REMOVED - INADMISSIBILITY
                2012-05-03 | 7-DIED
                2012-06-03 | 7-DIED
                2012-05-03 | ACTIVE
                2012-05-03 | A-PROCEEDINGS TERMINATED
                2012-05-03 | 0-WITHDRAWAL PERMITTED - I-275 ISSUED
                2012-05-03 |
            """,
        },
        table="departures_are_departures",
        expected="""
            release_id | case_status | rows | first_month | last_month
            a | 7-DIED | 2 | 2012-05-01 | 2012-06-01
            a | A-PROCEEDINGS TERMINATED | 1 | 2012-05-01 | 2012-05-01
            a | ACTIVE | 1 | 2012-05-01 | 2012-05-01
        """,
    ),
    Rule(
        title="An area of responsibility that is no field office is named",
        text="An area goes by the name of its field office, whatever the release calls it.",
        given={
            REMOVALS: """
                departed_date | aor
                2012-05-03 | ATL
                2012-05-03 | Atlanta Area of Responsibility
                2012-05-03 | Atlantis Area of Responsibility
            """,
        },
        table="areas_are_known",
        expected="release_id | aor | rows\nr1 | ATLANTIS | 1",
    ),
    Rule(
        title="A country without a code of today is named",
        text="Such a removal is in the table of citizenship under an empty code.",
        given={
            "removals_by_release": """
                departed_date | citizenship_country | citizenship_iso
                2012-05-03 | MEXICO | MEX
                2012-05-03 | YUGOSLAVIA |
            """,
        },
        table="countries_resolve",
        expected="release_id | citizenship_country | rows\na | YUGOSLAVIA | 1",
    ),
    Rule(
        title="Convictions without a level are named by their code",
        text="Such a row is undetermined for Level 1.",
        given={
            "removals_by_release": """
                departed_date | convicted | level1 | msc_code
                2012-05-03 | true | | 3599
                2012-05-03 | true | | 3599
                2012-05-03 | true | true | 0999
                2012-05-03 | | |
            """,
            "release_bases": "level_basis\noffense_2009",
        },
        table="convictions_have_a_level",
        expected="release_id | level_basis | msc_code | rows\na | offense_2009 | 3599 | 2",
    ),
    Rule(
        title="Identifiers that never meet are named",
        text="The two tables of one release share no identifier, so that no removal can be joined.",
        given={
            "release_bases": """
                release_id | removal_ids | detainer_ids | matched_ids | has_detainers_table
                a | 7 | 5 | 0 | true
                b | 7 | 5 | 1 | true
            """,
        },
        table="identifiers_join",
        expected="release_id | population | removal_ids | detainer_ids\na | ice | 7 | 5",
    ),
    Rule(
        title="A table of no known kind fails a check",
        text="Its rows are left out, and somebody should act; tables of a known kind that are left out are no fault.",
        given={
            "source_files": """
                file | kind | rows_read | rows_left_out | left_out
                odd.csv | | 0 | 0 | not taken in: fits no kind
                arrests.csv | arrests | 5 | 5 | beside the data: holds arrests
                readme.csv | | 0 | 0 | beside the data: notes
            """,
        },
        table="tables_have_a_kind",
        expected="file | rows_left_out | left_out\nodd.csv | 0 | not taken in: fits no kind",
    ),
    Rule(
        title="A year far from its printed total fails a check",
        text="More than a twentieth away, or an ended year that lacks months: a release that lacks a third of a year "
        "is found.",
        given={
            "published_years": "fiscal_year | value | source_row\n2012 | 120 | 2\n2013 | 120 | 3",
            "published_counts": "month | population | value\n"
            + "\n".join(f"2012-{month:02} | ice | 10" for month in range(1, 9))
            + "\n"
            + "\n".join(f"2012-{month:02} | ice | 10" for month in range(10, 13)),
        },
        table="yearly_totals_agree",
        expected="fiscal_year | published | computed_low | months_held\n2012 | 120 | 80 | 8",
    ),
    Rule(
        title="A release that lacks a tenth of a year of its production fails a check",
        text="Known productions state how many rows a whole delivery has of a fiscal year. A simulated release holds "
        "fewer on purpose, and one that does not reach over the year may hold other years alone.",
        given={
            "releases": "release_id | synthetic\nwhole | false\nlacking | false\nsimulated | true\nanother | false",
            "expected_rows": "\n".join(
                ["release_id | production | kind | fiscal_year | rows | source"]
                + [
                    f"{name} | july | removals | 2012 | 10 | ICE"
                    for name in ("whole", "lacking", "simulated", "another")
                ]
            ),
            "removals_by_release": "\n".join(
                ["release_id | departed_date"]
                + [
                    f"{name} | {day}"
                    for name in ("whole", "lacking", "simulated", "another")
                    for day in (["2011-10-03"] if name != "another" else [])
                ]
                + [
                    f"{name} | 2012-01-{day:02}"
                    for name, rows in (("whole", 8), ("lacking", 7), ("simulated", 1), ("another", 1))
                    for day in range(1, rows + 1)
                ]
                + [f"{name} | 2012-10-03" for name in ("whole", "lacking", "simulated", "another")]
            ),
        },
        table="releases_hold_what_is_expected",
        expected="release_id | production | fiscal_year | rows_expected | rows_there | source\n"
        "lacking | july | 2012 | 10 | 8 | ICE",
    ),
    Rule(
        title="A file of no known production is noted with what is unknown and what is missing",
        text="It is taken in by the names of its columns; the likeliest match of a missing one is for a person to "
        "confirm in release.toml.",
        given={
            "source_files": """
                file | production | unknown_columns | missing_columns
                known.csv | july | | county
                other.csv | | App State | state (is that 'App State'?)
                plain.csv | | |
            """,
        },
        table="columns_are_known",
        expected="file | unknown_columns | missing_columns\nother.csv | App State | state (is that 'App State'?)",
    ),
    Rule(
        title="A file that two releases hold is noted",
        text="Cumulative deliveries send old years again: the file is read in both, and each month counts in one.",
        given={
            "source_files": """
                release_id | file | sha256 | rows_read
                july | fy24.csv | aa | 5
                july | fy25.csv | bb | 5
                may | old years.csv | aa | 5
            """,
        },
        table="files_are_in_one_release",
        expected="release_id | file | other_release_id | other_file\njuly | fy24.csv | may | old years.csv",
    ),
    Rule(
        title="A month missing inside a release fails a check, one between two releases is noted",
        text="The first is for somebody to look at; the second is how far the releases reach.",
        given={
            "releases": "release_id | received\na | 2014-01-01\nb | 2015-01-01",
            "removals_by_release": """
                release_id | departed_date
                a | 2012-05-03
                a | 2012-07-03
                b | 2012-09-03
            """,
        },
        table="monthly_removals_continuous",
        expected="population | release_id | next_month | months_missing\nice | a | 2012-07-01 | 1",
    ),
    Rule(
        title="A hole between two releases is noted",
        text="No release holds the month; nobody can make it pass.",
        given={
            "releases": "release_id | received\na | 2014-01-01\nb | 2015-01-01",
            "removals_by_release": """
                release_id | departed_date
                a | 2012-05-03
                a | 2012-07-03
                b | 2012-09-03
            """,
        },
        table="releases_meet",
        expected="population | release_before | release_id | next_month | months_missing\nice | a | b | 2012-09-01 | 1",
    ),
    Rule(
        title="Footers are noted, rows in an unknown form fail a check",
        text="A footer, a row without a day and a row that corrections.toml refuses need nobody to act.",
        given={
            "quarantine": """
                source_file | source_row | field | rule | severity
                a.csv | 2 | departed_date | a footer or total row, not a record | structural
                a.csv | 3 | departed_date | missing | structural
                a.csv | 4 | departed_date | unreadable date | structural
                a.csv | 5 | gender | not a known value | warning
            """,
        },
        table="no_row_is_refused",
        expected="source_file | field | rule | rows | first_row\na.csv | departed_date | unreadable date | 1 | 4",
    ),
    Rule(
        title="A field that cannot be read fails a check",
        text="A few odd values are listed and noted; one in twenty is a form that nobody knows yet.",
        given={
            "field_disclosure": """
                release_id | month | field | rows | disclosed | unreadable
                a | 2012-05 | gender | 100 | 96 | 4
                a | 2012-05 | msc_code | 100 | 94 | 6
            """,
        },
        table="fields_are_readable",
        expected="release_id | field | unreadable | read\na | msc_code | 6 | 94",
    ),
    Rule(
        title="Likely duplicates are flagged, not dropped",
        text="The same person and day of departure twice in one release stay two rows and a warning.",
        given={
            "removals_by_release": """
                departed_date | person_id | duplicate_likely
                2012-05-03 | ann | true
                2012-05-03 | ann | true
                2012-05-03 | bob | false
            """,
        },
        table="removals_are_distinct",
        expected="release_id | rows_flagged\na | 2",
    ),
]
