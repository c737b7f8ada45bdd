"""Convictions, levels, detainers: what a file does not say is not none."""

from datetime import date, timedelta
from functools import partial
from typing import Any

from tests.cases import Case, both, counted, exactly, silent
from tests.cases.shapes import DETAINERS, ICE, SC, Change, detainers, person, removals, secure, table, text, workbook

OF_CONVICTION = ("MSC Charge", "MSC Charge Code", "MSC Conviction Date", "Case Criminality", "Case Threat Level")
NONE_KNOWN = """
    select count(*)
    from removals_by_release
    where release_id = $release and convicted is not null
    having count(*) > 0
"""


def convictions(written: dict[str, Change], salt: str, without: tuple[str, ...] = ()) -> dict[str, bytes]:
    """Forty removals whose columns of conviction hold this, or are not there."""
    header = [name for name in ICE if name not in without]
    return {"removals.csv": text(table(removals(salt, 40, step=1, changes=written), header))}


def silent_convictions(reason: str) -> str:
    """No figure of convictions or levels, and nobody known to have none."""
    return both(
        f"select subset from ({silent(reason, 'convicted', 'level1')}) as figures(month, subset, removals, status)",
        NONE_KNOWN,
    )


def statuses(convicted: str, pending: str, name: str, with_criminality: bool, salt: str) -> dict[str, bytes]:
    """Six homicides and six traffic offenses with a conviction, eight homicides pending, eight without an offense."""

    def by_kind(*values: str) -> Any:
        return lambda i: values[0 if i < 6 else 1 if i < 12 else 2 if i < 20 else 3]

    changes: dict[str, Change] = {
        "MSC Charge": "",
        "Case Threat Level": "",
        "MSC Charge Code": by_kind("0999", "5404", "0999", ""),
        name: by_kind(convicted, convicted, pending, ""),
        "Case Criminality": by_kind(
            "1 Convicted Criminal", "1 Convicted Criminal", "2 Pending Criminal Charges", "3 Other Immigration Violator"
        ),
    }
    header = [*(ICE if with_criminality else [column for column in ICE if column != "Case Criminality"]), name]
    return {"removals.csv": text(table(removals(salt, 28, date(2025, 3, 1), 1, changes=changes), header))}


TWELVE = both(counted("convicted", 12), counted("level1", 6))


def levels(one: str, three: str, none: str, salt: str) -> dict[str, bytes]:
    """Six of twelve with a conviction, each of Level 1; the others none."""
    changes: dict[str, Change] = {"Case Threat Level": lambda i: none if i % 2 else one if i != 12 else three}
    return {"removals.csv": text(table(removals(salt, 14, changes=changes), ICE))}


def criminalities(convicted: str, other: str, salt: str) -> dict[str, bytes]:
    """Six of twelve convicted, in other words, and no other column that tells."""
    header = [name for name in ICE if name not in {*OF_CONVICTION} - {"Case Criminality"}]
    changes: dict[str, Change] = {"Case Criminality": lambda i: other if i % 2 else convicted}
    return {"removals.csv": text(table(removals(salt, changes=changes), header))}


def codes(write: Any, salt: str, ending: str = "csv") -> dict[str, bytes]:
    """Twelve offenses of code 0999."""
    changes: dict[str, Change] = {"MSC Charge Code": lambda _: write}
    cells = table(removals(salt, changes=changes), ICE, title=ending == "xlsx")
    return {f"removals.{ending}": workbook({"Removals": cells}) if ending == "xlsx" else text(cells)}


ALL_0999 = """
    select msc_code
    from removals_by_release
    where release_id = $release and msc_code is distinct from '0999'
    union all
    select 'rows'
    from removals_by_release
    where release_id = $release
    having count(*) <> 12
"""
# An unknown code is right too, another one is not.
NO_OTHER_THAN_0999 = ALL_0999.replace("is distinct from", "<>")


def begun(days_before: int, salt: str, covered_detainers: int = 91) -> dict[str, bytes]:
    """A steady world: each person had a detainer 90 days before. The file of detainers begins with the removals."""
    first = date(2025, 1, 1)
    gone = removals(salt, 181, first, 1)
    held = detainers(
        [person(salt, 90 + i - days_before) for i in range(covered_detainers)], first - timedelta(days=days_before)
    )
    return {"removals.csv": text(table(gone, ICE)), "detainers.csv": text(table(held, DETAINERS))}


BEGUN = """
    select month, removals, status
    from release_months
    where
        release_id = $release
        and subset = 'detainer_linked'
        and (
            (month < date '2025-04-01' and (status = 'reported' or (removals is not null and status <> 'partial')))
            or (month >= date '2025-04-01' and removals is distinct from if(month = date '2025-05-01', 31, 30))
        )
"""


def counties(year: int, silence: dict[str, Change], salt: str) -> dict[str, bytes]:
    """Four counties in two months, the second silent about what is changed."""
    rows = secure(salt, 28, date(year, 5, 1), 1) + secure(salt, 28, date(year, 6, 1), 1, changes=silence)
    return {"sc.csv": text(table(rows, SC))}


def silent_places(year: int, measure: str) -> str:
    """Each county of the silent month has a row without a number and with its status."""
    return f"""
        select count(*)
        from removals_by_place
        where
            population = 'sc'
            and month = date '{year}-06-01'
            and {measure} is null
            and {measure}_status = 'withheld'
            and $release <> ''
        having count(*) <> 4
        union all
        select count(*)
        from removals_by_place
        where population = 'sc' and month = date '{year}-06-01' and {measure} is not null
        having count(*) > 0
    """


def without(columns: tuple[str, ...], salt: str) -> dict[str, bytes]:
    """TRAC's file without some of its columns."""
    header = [name for name in SC if name not in columns] + ["final_charge_section"]
    return {"sc.csv": text(table(secure(salt), header))}


def detainers_of_others(header_only: bool, salt: str) -> dict[str, bytes]:
    """A file of detainers beside the removals that has no row, or none of anybody who was removed."""
    held = detainers([] if header_only else [person(salt, 500 + i) for i in range(20)], date(2024, 1, 5), 20)
    return {"removals.csv": text(table(removals(salt), ICE)), "detainers.csv": text(table(held, DETAINERS))}


NO_NUMBER = """
    select status
    from release_months
    where release_id = $release and subset = 'detainer_linked' and (removals is not null or status = 'withheld')
"""
BLANK: dict[str, Change] = dict.fromkeys(OF_CONVICTION, "")
STATUS = "MSC Criminal Charge Status"
CASES = [
    Case("conviction-columns-blank", partial(convictions, BLANK), silent_convictions("not_disclosed")),
    Case(
        "conviction-columns-of-nulls",
        partial(convictions, dict.fromkeys(OF_CONVICTION, "NULL")),
        silent_convictions("not_disclosed"),
    ),
    Case(
        "conviction-columns-marked",
        partial(convictions, dict.fromkeys(OF_CONVICTION, "(b)(6)")),
        silent_convictions("withheld"),
    ),
    Case(
        "conviction-columns-garbled",
        partial(convictions, dict.fromkeys(OF_CONVICTION, "see file")),
        silent_convictions("unreadable"),
    ),
    Case(
        "conviction-columns-not-there",
        lambda salt: convictions({}, salt, OF_CONVICTION),
        silent_convictions("not_in_release"),
    ),
    Case(
        "one-conviction-column-blank",
        lambda salt: convictions(BLANK, salt, OF_CONVICTION[:4]),
        silent_convictions("not_disclosed"),
    ),
    Case("no-detainers-in-the-release", partial(convictions, {}), silent("not_in_release", "detainer_linked")),
    Case(
        "no-detainer-columns-in-the-release",
        partial(without, ("detainer_prepare_date", "detainer_facility_city", "detainer_facility_state")),
        silent("not_in_release", "detainer_linked"),
        population="sc",
    ),
    Case(
        "no-detainer-date-in-the-release",
        partial(without, ("detainer_prepare_date",)),
        silent("not_in_release", "detainer_linked"),
        population="sc",
    ),
    Case(
        "no-codes-in-the-release",
        partial(without, ("mscc_code",)),
        silent("not_in_release", "convicted", "level1"),
        population="sc",
    ),
    Case("a-header-of-detainers", partial(detainers_of_others, True), NO_NUMBER),
    Case("ids-that-never-match", partial(detainers_of_others, False), silent("ids_do_not_join", "detainer_linked")),
    Case(
        "pending-is-not-convicted",
        partial(statuses, "Convicted", "Pending", STATUS, True),
        both(exactly("convicted", 12), exactly("level1", 6)),
    ),
    Case(
        "pending-by-status-alone",
        partial(statuses, "Convicted", "Pending", STATUS, False),
        both(exactly("convicted", 12), counted("level1", 6)),
    ),
    Case("pending-in-capitals", partial(statuses, "CONVICTED", "PENDING", STATUS, False), TWELVE),
    Case(
        "pending-by-the-older-name",
        partial(statuses, "Convicted", "Pending", "Most Serious Criminal Conviction Status", False),
        TWELVE,
    ),
    Case(
        "threat-level-in-words",
        partial(levels, "ICE Threat Level 1", "ICE Threat Level 3", "No ICE Threat Level"),
        counted("level1", 6),
    ),
    Case("threat-level-with-the-word", partial(levels, "Level 1", "Level 3", ""), counted("level1", 6)),
    Case("threat-level-with-a-point", partial(levels, "1.0", "3.0", ""), counted("level1", 6)),
    Case("threat-level-in-capitals", partial(levels, "THREAT LEVEL 1", "THREAT LEVEL 3", "NA"), counted("level1", 6)),
    Case("threat-level-as-written", partial(levels, "1", "3", "NA"), exactly("level1", 6)),
    Case("threat-level-unknown-words", partial(levels, "most serious", "least", ""), counted("level1", 6)),
    Case(
        "criminality-without-its-number",
        partial(criminalities, "Convicted Criminal", "Other Immigration Violator"),
        counted("convicted", 6),
    ),
    Case(
        "criminality-in-capitals",
        partial(criminalities, "1 CONVICTED CRIMINAL", "3 OTHER IMMIGRATION VIOLATOR"),
        counted("convicted", 6),
    ),
    Case(
        "criminality-with-a-dash",
        partial(criminalities, "1 - Convicted Criminal", "3 - Other Immigration Violator"),
        counted("convicted", 6),
    ),
    Case(
        "criminality-pending",
        partial(criminalities, "1 Convicted Criminal", "2 Pending Criminal Charges"),
        exactly("convicted", 6),
    ),
    Case("codes-with-apostrophe", partial(codes, "'0999"), ALL_0999),
    Case("codes-as-formulas", partial(codes, '="0999"'), NO_OTHER_THAN_0999),
    Case("codes-with-spaces", partial(codes, " 0999 "), ALL_0999),
    Case("codes-as-numbers", lambda salt: codes(999, salt, "xlsx"), NO_OTHER_THAN_0999),
    Case(
        "codes-of-four-letters",
        lambda salt: convictions({"MSC Charge Code": "SOON"}, salt, tuple({*OF_CONVICTION} - {"MSC Charge Code"})),
        silent_convictions("unreadable"),
    ),
    Case("codes-with-a-point", partial(codes, "999.0"), NO_OTHER_THAN_0999),
    Case(
        "detainers-begin-with-the-file",
        partial(begun, 0),
        BEGUN,
        received="2026-03-31",
        manifest="covers = [2025-01-01, 2025-06-30]",
    ),
    Case(
        "detainers-begin-a-month-before",
        partial(begun, 30, covered_detainers=121),
        BEGUN.replace("month < date '2025-04-01'", "month < date '2025-03-01'").replace(
            "month >= date '2025-04-01'", "month >= date '2025-04-01'"
        ),
        received="2026-03-31",
        manifest="covers = [2025-01-01, 2025-06-30]",
    ),
    Case(
        "county-sums-hold-the-silence",
        partial(counties, 2009, {"detainer_prepare_date": "(b)(7)(E)"}),
        silent_places(2009, "detainer_linked"),
        population="sc",
    ),
    Case(
        "county-sums-hold-silent-codes",
        partial(counties, 2010, {"mscc_code": "(b)(6)"}),
        silent_places(2010, "convicted"),
        population="sc",
    ),
]
