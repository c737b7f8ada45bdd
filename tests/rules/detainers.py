"""What became of detainers, and removals split by what the agency records."""

from datetime import date

from tests.rules import DETAINERS, REMOVALS, Rule

TITLE = "Detainers and kinds of removals"

RULES = [
    Rule(
        title="A detainer's outcome has a window",
        text="The departure is on the detainer's own record, else that of the same person in the release's removals, "
        "on or after the day of preparation. Where the month's end plus the window lies after the release's last "
        "day, the count is null and `partial`, or the newest months would fall by themselves.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-01-01 | 2013-06-30",
            "release_bases": "removal_ids | detainer_ids | matched_ids | has_detainers_table\n3 | 3 | 2 | true",
            "removals_by_release": """
                departed_date | person_id
                2012-01-02 | ann
                2012-03-05 | ann
                2012-09-05 | bob
                2013-05-01 | eve
            """,
            "detainers_by_release": """
                detainer_prepare_date | person_id | departed_date | lift_reason
                2012-02-03 | ann | | Booked into Detention
                2012-02-04 | bob | | Detainer Declined by LEA
                2012-02-05 | cas | |
                2012-02-05 | cas | 2012-02-05 |
                2013-04-30 | eve | |
            """,
        },
        table="detainer_outcomes",
        expected="""
            detainers | persons | departed_within_90_days | departed_within_365_days | lifted | declined | undetermined
            4 | 3 | 2 | 3 | 2 | 1 | 0
            1 | 1 | | | 0 | 0 | 0
        """,
    ),
    Rule(
        title="A detainer whose outcome nobody can look up is undetermined",
        text="Where the record has no departures and the person no usable identifier, no departure means nothing.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-01-01 | 2014-06-30",
            "release_bases": "removal_ids | detainer_ids | matched_ids | has_detainers_table\n1 | 1 | 1 | true",
            "silences": "population | month | field | reason\n'' | 2012-02 | detainers.departed_date | not_in_release\n"
            "'' | 2012-03 | detainers.departed_date | not_in_release",
            "removals_by_release": "departed_date | person_id\n2012-02-05 | ann",
            "detainers_by_release": """
                detainer_prepare_date | person_id
                2012-02-03 | ann
                2012-02-04 |
                2012-03-04 |
            """,
        },
        table="detainer_outcomes",
        expected="""
            month | detainers | departed_within_90_days | departed_within_90_days_status | undetermined
            2012-02 | 2 | 1 | at_least | 1
            2012-03 | 1 | | not_in_release | 1
        """,
    ),
    Rule(
        title="Reasons for lifting are counted as written",
        text="By the state of the jail.",
        given={
            "detainers_by_release": """
                detainer_prepare_date | facility_state | lift_reason
                2012-02-03 | TX | Lifted
                2012-02-04 | TX | Lifted
                2012-02-04 | TX |
                2012-02-05 | | Case Closed
            """,
        },
        table="detainer_lift_reasons",
        expected="""
            month | facility_state | lift_reason | detainers
            2012-02 | '' | Case Closed | 1
            2012-02 | TX | Lifted | 2
        """,
    ),
    Rule(
        title="Convicted, pending, neither or unknown",
        text="Who is not convicted has pending charges or neither only where the record states which.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-05-31",
            "removals_by_release": """
                departed_date | state | convicted | criminality | msc_status
                2012-05-03 | TX | true | 1 CONVICTED CRIMINAL |
                2012-05-03 | TX | false | 2 PENDING CRIMINAL CHARGES |
                2012-05-03 | TX | false | | PENDING
                2012-05-03 | TX | false | 3 OTHER IMMIGRATION VIOLATOR |
                2012-05-03 | TX | false | |
                2012-05-03 | TX | | |
            """,
        },
        table="removals_by_criminality",
        expected="state | convicted | pending | neither | unknown | status\nTX | 1 | 2 | 1 | 2 | at_least",
    ),
    Rule(
        title="Where no criminality is stated, pending and neither are unknown and not zero",
        text="An offense code tells who is convicted; it does not tell who has charges pending.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-05-31",
            REMOVALS: """
                departed_date | msc_code
                2012-05-03 | 0999
                2012-05-03 | 0000
            """,
        },
        table="removals_by_criminality",
        expected="convicted | pending | neither | unknown\n1 | | | 1",
    ),
    Rule(
        title="Removals, returns and other departures are told apart",
        text="`all` counts every kind; an empty kind is one that the record does not show.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-05-31",
            "removals_by_release": """
                departed_date | departure_kind
                2012-05-03 | removal
                2012-05-03 | removal
                2012-05-03 | return
                2012-05-03 |
            """,
        },
        table="removals_by_kind",
        expected="""
            month | population | departure_kind | removals | status
            2012-05 | ice | '' | 1 | reported
            2012-05 | ice | removal | 2 | reported
            2012-05 | ice | return | 1 | reported
        """,
    ),
    Rule(
        title="A third country is one other than that of citizenship",
        text="Unknown where either country is.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-05-31",
            "removals_by_release": """
                departed_date | citizenship_country | citizenship_iso | departure_country
                2012-05-03 | HONDURAS | HND | HONDURAS
                2012-05-03 | HONDURAS | HND | Mexico
                2012-05-03 | HONDURAS | HND | ATLANTIS
                2012-05-03 | HONDURAS | HND | Panamá
                2012-05-03 | HONDURAS | HND | CÔTE D'IVOIRE
            """,
        },
        table="removals_by_citizenship",
        expected="""
            citizenship_iso | departure_iso | citizenship_country | departure_country | removals | third_country
            HND | '' | HONDURAS | | 1 |
            HND | CIV | HONDURAS | CÔTE D'IVOIRE | 1 | true
            HND | HND | HONDURAS | HONDURAS | 1 | false
            HND | MEX | HONDURAS | Mexico | 1 | true
            HND | PAN | HONDURAS | Panamá | 1 | true
        """,
    ),
    Rule(
        title="The most serious convictions of a fiscal year",
        text="Shares are of the people known to be convicted.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-09-01 | 2012-10-31",
            "removals_by_release": """
                departed_date | convicted | msc_code | msc_charge
                2012-09-03 | true | 5499 | Traffic Offense
                2012-10-03 | true | 5499 | Traffic Offense
                2012-10-03 | true | 5499 | Traffic Offense
                2012-10-03 | true | 0999 | Homicide
                2012-10-03 | true | | Something
                2012-10-03 | false | 5499 | Traffic Offense
            """,
        },
        table="removals_by_offense",
        expected="""
            fiscal_year | msc_code | msc_charge | offense_family | removals | share_of_convicted | place_in_year
            2012 | 5499 | Traffic Offense | Traffic offenses | 1 | 1 | 1
            2013 | '' | | | 1 | 0.25 |
            2013 | 0999 | Homicide | Homicide | 1 | 0.25 | 2
            2013 | 5499 | Traffic Offense | Traffic offenses | 2 | 0.5 | 1
        """,
    ),
    Rule(
        title="The share of traffic and immigration offenses is of the convictions with a code",
        text="By the NCIC code of the most serious conviction; driving under the influence is a traffic offense there.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-10-01 | 2012-10-31",
            "removals_by_release": """
                departed_date | convicted | msc_code
                2012-10-03 | true | 5403
                2012-10-03 | true | 5401
                2012-10-03 | true | 0301
                2012-10-03 | true | 0999
                2012-10-03 | true |
                2012-10-03 | false | 5403
            """,
        },
        table="traffic_and_immigration",
        expected="""
            fiscal_year | convicted | traffic | immigration | without_code | traffic_share | immigration_share
            2013 | 5 | 2 | 1 | 1 | 0.5 | 0.25
        """,
    ),
    Rule(
        title="Criminality by area of responsibility",
        text="As by state; an empty area is one that the record does not have.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-05-31",
            "removals_by_release": """
                departed_date | aor | convicted | criminality
                2012-05-03 | ATLANTA | true | 1 CONVICTED CRIMINAL
                2012-05-03 | ATLANTA | false | 3 OTHER IMMIGRATION VIOLATOR
                2012-05-03 | | | 
            """,
        },
        table="criminality_by_aor",
        expected="""
            aor | convicted | pending | neither | unknown | status
            '' | 0 | 0 | 0 | 1 | at_least
            ATLANTA | 1 | 0 | 1 | 0 | at_least
        """,
    ),
    Rule(
        title="How long before the departure the detainer was prepared stands beside the share",
        text="The link has no time limit. The days are told only where every removal counted is a row.",
        given={
            "releases": "release_id | covers_from | covers_to\na | 2012-05-01 | 2012-06-30",
            "removals_by_release": """
                departed_date | detainer_prepare_date | detainer_linked
                2012-05-03 | 2012-05-01 | true
                2012-05-03 | 2012-04-23 | true
                2012-05-03 | 2009-05-03 | true
                2012-05-03 | | false
                2012-06-03 | | false
            """,
        },
        table="detainer_shares",
        where={"span": "month"},
        expected="""
            month | detainer_linked | median_days_to_departure | linked_within_365_days
            2012-05 | 3 | 10 | 2
            2012-06 | 0 | |
        """,
    ),
    Rule(
        title="A match at a state or local facility is a proxy of its own",
        text="A removal counts where the last detainer before it states a biometric match and its facility is not "
        "federal by its name. A detainer that does not say leaves the removal undetermined. TRAC's column is never "
        "continued with it.",
        given={
            REMOVALS: """
                departed_date | person_id
                2014-05-03 | ann0000000000000000000000000000000000001
                2014-05-03 | bob0000000000000000000000000000000000002
                2014-05-03 | cas0000000000000000000000000000000000003
                2014-05-03 | dan0000000000000000000000000000000000004
                2014-05-03 | eve0000000000000000000000000000000000005
            """,
            DETAINERS: """
                detainer_prepare_date | person_id | facility | biometric_match
                2014-04-03 | ann0000000000000000000000000000000000001 | COOK COUNTY JAIL | YES
                2014-04-03 | bob0000000000000000000000000000000000002 | FCI BIG SPRING | YES
                2014-04-03 | cas0000000000000000000000000000000000003 | COOK COUNTY JAIL | NO
                2014-04-03 | dan0000000000000000000000000000000000004 | COOK COUNTY JAIL |
                2014-05-20 | hal0000000000000000000000000000000000008 | COOK COUNTY JAIL | NO
                2013-04-03 | fay0000000000000000000000000000000000006 | COOK COUNTY JAIL | NO
                2015-06-03 | gil0000000000000000000000000000000000007 | COOK COUNTY JAIL | NO
            """,
            "releases": "release_id | covers_from | covers_to\nr1 | 2013-01-01 | 2015-12-31",
        },
        table="biometric_match_proxy",
        where={"month": date(2014, 5, 1)},
        expected="""
            removals | detainer_linked | matched_at_state_or_local | undetermined | proxy_status
            5 | 4 | 1 | 1 | at_least
        """,
    ),
]
