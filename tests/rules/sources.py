"""Which release a month's figures come from."""

from tests.rules import Rule

TITLE = "One release serves each population and month"

WHOLE_MAY = "2012-05-01 | 2012-05-31"
RULES = [
    Rule(
        title="The release received later serves",
        text="Months are never mixed from two releases, and a release that serves a month serves all of it.",
        given={
            "releases": f"""
                release_id | received | covers_from | covers_to
                old | 2014-01-01 | {WHOLE_MAY}
                new | 2015-01-01 | {WHOLE_MAY}
            """,
            "removals_by_release": """
                release_id | departed_date
                old | 2012-05-03
                old | 2012-05-04
                new | 2012-05-03
            """,
        },
        table="monthly_removals",
        expected="""
            month | population | subset | removals | release_id
            2012-05 | ice | all | 1 | new
            2012-05 | ice | convicted | | new
            2012-05 | ice | detainer_linked | | new
            2012-05 | ice | level1 | | new
            2012-05 | ice | not_convicted | | new
        """,
    ),
    Rule(
        title="A window may be for detainers alone",
        text="A production of both kinds may be the one to use from another month on for each.",
        given={
            "releases": """
                release_id | received | covers_from | covers_to
                old | 2014-01-01 | 2012-05-01 | 2012-05-31
                new | 2015-01-01 | 2012-05-01 | 2012-05-31
            """,
            "release_windows": "release_id | first_month | kind\nold | 2012-01 | detainers",
            "removals_by_release": "release_id | departed_date\nold | 2012-05-03\nnew | 2012-05-03",
        },
        table="month_sources",
        expected="month | release_id | reason\n2012-05 | new | received later",
    ),
    Rule(
        title="A serves window comes first",
        text="`[[serves]]`, or the known production's window, names the months a release is used for, whatever else "
        "there is; a withdrawn release serves none.",
        given={
            "releases": """
                release_id | received | covers_from | covers_to | status
                old | 2014-01-01 | 2012-05-01 | 2012-06-30 | ready
                new | 2015-01-01 | 2012-05-01 | 2012-06-30 | ready
                disowned | 2016-01-01 | 2012-05-01 | 2012-06-30 | withdrawn
            """,
            "release_windows": "release_id | first_month | last_month\nold | 2012-01 | 2012-05",
            "removals_by_release": """
                release_id | departed_date
                old | 2012-05-03
                old | 2012-06-03
                new | 2012-05-03
                new | 2012-06-03
                disowned | 2012-05-03
                disowned | 2012-06-03
            """,
        },
        table="month_sources",
        expected="""
            population | month | release_id | origin | reason
            ice | 2012-05 | old | records | its serves window holds this month
            ice | 2012-06 | new | records | received later
        """,
    ),
    Rule(
        title="A month cut by the coverage gives way to a full one",
        text="A release covers the days its manifest says, or else the days from its first departure to its last. A "
        "month of which it covers a part only is partial.",
        given={
            "releases": """
                release_id | received | covers_from | covers_to
                full | 2014-01-01 | 2012-05-01 | 2012-05-31
                cut | 2015-01-01 | 2012-05-01 | 2012-06-15
            """,
            "removals_by_release": """
                release_id | departed_date
                full | 2012-05-03
                cut | 2012-05-03
                cut | 2012-06-03
                undeclared | 2012-06-01
                undeclared | 2012-06-30
                undeclared | 2012-07-30
            """,
        },
        table="month_sources",
        expected="""
            population | month | release_id | reason
            ice | 2012-05 | cut | received later
            ice | 2012-06 | undeclared | covers the whole month
            ice | 2012-07 | undeclared | only release with this month
        """,
    ),
    Rule(
        title="Records come before printed figures, full before partial",
        text="A printed figure serves a month only where no release covers the whole of it with records.",
        given={
            "releases": """
                release_id | received | covers_from | covers_to
                cases | 2014-01-01 | 2012-05-01 | 2012-06-15
                printed | 2017-01-01 | |
            """,
            "removals_by_release": """
                release_id | population | departed_date
                cases | sc | 2012-05-03
                cases | sc | 2012-06-03
            """,
            "published_counts": "month | value\n2012-05 | 7\n2012-06 | 8",
        },
        table="month_sources",
        expected="""
            population | month | release_id | origin | reason
            sc | 2012-05 | cases | records | records before published figures
            sc | 2012-06 | printed | published | covers the whole month
        """,
    ),
    Rule(
        title="What two releases have of a month stays on record",
        text="Every release is compared with the one received before it; records with records, printed with printed.",
        given={
            "releases": """
                release_id | received | covers_from | covers_to
                first | 2014-01-01 | 2012-05-01 | 2012-06-30
                second | 2015-01-01 | 2012-06-01 | 2012-06-30
            """,
            "removals_by_release": """
                release_id | departed_date | convicted | level1
                first | 2012-05-03 | false | false
                first | 2012-06-03 | true | true
                first | 2012-06-04 | true | false
                second | 2012-06-03 | true | true
            """,
        },
        table="release_revisions",
        expected="""
            population | subset | month | older_release | newer_release | older | newer | change
            ice | all | 2012-06 | first | second | 2 | 1 | -1
            ice | convicted | 2012-06 | first | second | 2 | 1 | -1
            ice | level1 | 2012-06 | first | second | 1 | 1 | 0
            ice | not_convicted | 2012-06 | first | second | 0 | 0 | 0
        """,
    ),
    Rule(
        title="One release serves each month of preparation of detainers",
        text="A window first, then a whole month before one that the coverage cuts, then the release received later.",
        given={
            "releases": "release_id | received | covers_from | covers_to\n"
            "old | 2014-01-01 | 2012-05-01 | 2012-06-30\nnew | 2015-01-01 | 2012-06-01 | 2012-06-30",
            "detainers_by_release": """
                release_id | detainer_prepare_date
                old | 2012-05-03
                old | 2012-06-03
                new | 2012-06-04
            """,
        },
        table="detainers",
        expected="release_id | detainer_prepare_date\nnew | 2012-06-04\nold | 2012-05-03",
    ),
]
