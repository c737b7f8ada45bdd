"""Tables of other kinds beside removals: named, left out, never counted."""

from datetime import date, timedelta
from functools import partial

from tests.cases import Case, accepted_and_left_out, both, exactly
from tests.cases.shapes import ICE, columns, person, removals, table, text, workbook

UWCHR_REMOVALS = (
    "Area of Responsibility|Departed Date|Case Close Date|Processing Disposition Code|Citizenship Country|Gender|"
    "Final Charge Section|Alien File Number"
)
OTHERS = {
    "arrests-uwchr": (
        "Area of Responsibility|Arrest Date|Departed Date|Case Closed Date|Arrest Method|"
        "Apprehension Landmark|Operation|Processing Disposition|Citizenship Country|Gender|Alien File Number"
    ),
    "arrests-2012": (
        "Apprehension Date|Apprehension Method|Arrest Created By|Case ID|Subject ID|Alien File Number|"
        "Anonymized Identifier"
    ),
    "arrests-2025": (
        "Apprehension Date|Apprehension State|Apprehension County|Apprehension AOR|Final Program|"
        "Final Program Group|Apprehension Method|Apprehension Criminality|Case Status|Case Category|"
        "Departed Date|Departure Country|Final Order Yes No|Final Order Date|Birth Date|Birth Year|"
        "Citizenship Country|Gender|Apprehension Site Landmark|Alien File Number|EID Case ID|EID Subject ID|"
        "Unique Identifier"
    ),
    "arrests-2026": (
        "Apprehension Date|Apprehension Type|State|County|TOA Current Duty AOR|Apprehension Final Program|"
        "Arresting Agency|Apprehension Method|Apprehension Criminality|Case Status|Case Category|"
        "Departure Country|Final Order Yes No|Birth Date|Birth Year|Citizenship Country|Gender|Departed Date|"
        "Final Order Date|Apprehension Site Landmark|Operation|TOA Current Duty Site|Case Criminality|"
        "Case Threat Level|Anonymized Identifier"
    ),
    "detentions-2012": (
        "Detention ID|Case ID|Subject ID|Stay Book In Date|Detention Book In Date|Detention Facility|"
        "Detention Facility Code|Detention Book Out Date|Detention Release Reason|Stay Book Out Date|"
        "Stay Release Reason|Gender|Alien File Number|Birth Year|Entry Status|Case Status|Case Category|"
        "Final Order Yes No|Final Order Date|Departed Date|Departure Country|Case Threat Level|Charge|"
        "Charge Code|Charge Section Code|Anonymized Identifier"
    ),
    "detentions-2025": (
        "Stay Book In Date Time|Book In Date Time|Detention Facility|Detention Facility Code|"
        "Detention Book Out Date Time|Stay Book Out Date Time|Detention Release Reason|Stay Book Out Date|"
        "Stay Release Reason|Gender|Birth Year|Entry Status|Felon|Case Status|Case Category|"
        "Final Order Yes No|Final Order Date|Case Threat Level|Book In Criminality|Final Charge|"
        "Departed Date|Departure Country|Citizenship Country|Final Program|"
        "Most Serious Conviction (MSC) Charge Code|MSC Charge|EID Case ID|Unique Identifier"
    ),
    "detentions-2026": (
        "Stay Book In Date Time|Book In Date Time|Detention Facility|Book Out Date Time|"
        "Stay Book Out Date Time|Detention Release Reason|Gender|Birth Country|Citizenship Country|"
        "Entry Status|MSC Charge|MSC Charge Code|Aggravated Felon Yes No|Case Status|Case Category|"
        "Final Order Yes No|Final Order Date|Case Threat Level|Final Charge|Departed Date|Departure Country|"
        "Detention Facility Code|Birth Year|Book In Criminality|Entry Date|MSC Charge Date|"
        "MSC Conviction Date|MSC Criminal Charge Status|Book In Site|Book In AOR|Anonymized Identifier"
    ),
    "encounters-2025": (
        "Event Date|Responsible AOR|Responsible Site|Lead Event Type|Lead Source|Event Type|Final Program|"
        "Final Program Group|Encounter Criminality|Processing Disposition|Case Status|Case Category|"
        "Departed Date|Departure Country|Final Order Yes No|Final Order Date|Birth Year|Citizenship Country|"
        "Gender|Event Landmark|EID Case ID|EID Subject ID|Unique Identifier"
    ),
}


def others(kind: str, salt: str) -> list[dict[str, str]]:
    """Five rows of a table that is no removals table: four of them departed."""
    names = columns(OTHERS[kind])
    rows = []
    for i in range(5):
        day = date(2025, 4, 3) + timedelta(days=i)
        row = {name: day.strftime("%m/%d/%Y") if "Date" in name else "SEATTLE" for name in names}
        row |= {name: "MEXICO" for name in names if "Country" in name} | {"Gender": "Male", "Birth Year": "1980"}
        row |= {name: person(salt, i) for name in names if name.endswith("Identifier")}
        rows.append(row | ({"Departed Date": ""} if i == 4 else {}))
    return rows


def beside(kind: str, salt: str) -> dict[str, bytes]:
    """Five removals of the shape of March 2026 and five rows of another kind, in two files."""
    return {
        "ICE Removals.csv": text(table(removals(salt, 5), ICE)),
        "ICE Others.csv": text(table(others(kind, salt), columns(OTHERS[kind])), "|"),
    }


def uwchr(salt: str) -> dict[str, bytes]:
    """The files of UWCHR's request: both have an area of responsibility and a day of departure."""
    names = columns(UWCHR_REMOVALS)
    rows = []
    for i in range(5):
        day = date(2012, 5, 3) + timedelta(days=i)
        row = dict.fromkeys(names, "") | {
            "Area of Responsibility": "Seattle Area of Responsibility",
            "Departed Date": day.strftime("%m/%d/%Y"),
            "Case Close Date": day.strftime("%m/%d/%Y"),
            "Processing Disposition Code": "ER",
            "Citizenship Country": "MEXICO",
            "Gender": "Male",
            "Final Charge Section": "212a7AiI",
        }
        rows.append(row)
    return {
        "ICE_Removals_FY2012.csv": text(table(rows, names), "|"),
        "ICE_Arrests_FY2012.csv": text(table(others("arrests-uwchr", salt), columns(OTHERS["arrests-uwchr"])), "|"),
    }


def in_one_workbook(kind: str, salt: str) -> dict[str, bytes]:
    """Removals and another kind as two sheets."""
    sheets = {"Removals": table(removals(salt, 5), ICE, title=True)}
    return {"production.xlsx": workbook(sheets | {"Others": table(others(kind, salt), title=True)})}


FIVE = exactly("all", 5)
CASES = [
    Case("arrests-beside-removals", uwchr, FIVE, received="2026-03-31"),
    *(
        Case(f"{kind}-beside-removals", partial(beside, kind), both(FIVE, accepted_and_left_out(5, "ICE Others.csv")))
        for kind in OTHERS
    ),
    *(
        Case(f"{kind}-in-one-workbook", partial(in_one_workbook, kind), FIVE)
        for kind in ("arrests-2026", "detentions-2025")
    ),
    Case(
        "arrests-alone",
        lambda salt: {"arrests.csv": text(table(others("arrests-2025", salt)))},
        "select 1 from removals_by_release where release_id = $release",
        ("arrest",),
    ),
]
