"""A seed -> a small random release with every kind of unknown, and the CSV files and manifest that state it.

Days that lie on the edge of a rule's window where the design does not say to which side the edge belongs are avoided.
"""

import csv
import hashlib
import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from tests.reckoning import LATE_DAYS, Cell, Month, Release, Table, Withheld, next_month

MARKS = (
    "(b)(6)",
    "b6, b7C",
    "[(b)(6)]",
    "█████",
    "■■■■",
    "Redacted per (b)(6)",
    "(b)(3):8 USC 1202(f)",
    "[[REDACTED-EX B6]]",
    "XXXX",
    "*****",
    "(b)(6), (b)(7)(c)",
    "b(6), b(7)C",
    "(b)(7)(E)",
    "(b)(6)(b)(7)(c)",
)
BLANKS = ("", "", "", "", "NA", "NULL")
VALUES = {
    "criminality": ("1 Convicted Criminal", "2 Pending Criminal Charges", "3 Other Immigration Violator"),
    "msc_status": ("Convicted", "Pending"),
    "reported_threat_level": ("1", "2", "3"),
    "msc_code": ("0999", "1201", "1313", "2301", "2901", "3501", "5201", "5404", "5501", "6401", "0000", "0000"),
}
UNREADABLE = {
    "criminality": ("Gekko", "4 Of Another Kind"),
    "msc_status": ("Perhaps", "Cnovicted"),
    "reported_threat_level": ("lofty", "9"),
    "msc_code": ("unclear", "see file"),
    "person_id": ("nan", "-", "#"),
    "detainer_prepare_date": ("soon", "31FEB12", "2012-13-45"),
    "departed_date": ("soon", "2012-13-45"),
}
NAMES = {
    "sc": {"departed_date": "departed_date", "msc_code": "mscc_code", "detainer_prepare_date": "detainer_prepare_date"},
    "ice": {
        "departed_date": "Departed Date",
        "msc_code": "MSC Charge Code",
        "msc_status": "MSC Criminal Charge Status",
        "criminality": "Case Criminality",
        "reported_threat_level": "Case Threat Level",
        "person_id": "Anonymized Identifier",
    },
    "detainers": {"detainer_prepare_date": "Detainer Prepare Date", "person_id": "Anonymized Identifier"},
}
FILLERS = {
    "sc": {
        "state": "TEXAS",
        "county": "Harris County",
        "citizenship_country": "MEXICO",
        "gender": "Male",
        "final_charge_section": "212a7AiI",
        "prior_removal": "NO",
    },
    "ice": {
        "Port of Departure": "LAREDO, TX, POE",
        "Departure Country": "MEXICO",
        "State": "TEXAS",
        "County": "Harris County",
        "Gender": "Male",
        "Citizenship Country": "MEXICO",
        "Birth Year": "1980",
        "Final Charge Section": "212a7AiI",
        "Prior Deport Yes No": "NO",
    },
    "detainers": {
        "Facility State": "TEXAS",
        "Facility AOR": "San Antonio Area of Responsibility",
        "Detainer Facility": "TRAVIS CO. JAIL",
        "Facility City": "AUSTIN",
        "Gender": "Male",
        "Citizenship Country": "MEXICO",
        "Birth Year": "1980",
        "Detainer Lift Reason": "",
        "Detainer Type": "I-247A",
    },
}
# How often the cells of a month are a value, blank, redacted, unreadable.
HABITS = {
    "full": (20, 0, 0, 0),
    "usual": (12, 6, 1, 1),
    "mixed": (4, 3, 3, 3),
    "marked": (0, 2, 6, 0),
    "all marks": (0, 0, 1, 0),
    "garbled": (0, 2, 0, 6),
    "blank": (0, 1, 0, 0),
    "a mark or so": (0, 7, 1, 0),
    "no value": (0, 3, 1, 1),
}


@dataclass(frozen=True)
class Style:
    """How a release writes its days, and the first day before which nothing of it lies."""

    form: str
    prefix: str


def random_release(seed: int) -> Release:
    """A release of two to eight months, of either population."""
    luck = random.Random(seed)
    population = luck.choice(("sc", "ice", "ice"))
    first = date(luck.randint(2010, 2016), luck.randint(1, 12), 1)
    months = [first]
    for _ in range(luck.randint(1, 7)):
        months.append(next_month(months[-1]))
    removals = _removals(luck, population, months)
    has_detainers = population == "ice" and luck.random() < 0.75
    tables = (*removals, *([_detainers(luck, months, removals)] if has_detainers else []))
    last = months[-1] + timedelta(days=27)
    release = Release(f"r{seed}", population, last + timedelta(days=200 + seed % 100), tables)
    return _with_facts(luck, release, months)


def _with_facts(luck: random.Random, release: Release, months: list[Month]) -> Release:
    if luck.random() < 0.5:
        end = next_month(months[-1]) - timedelta(days=1)
        first = months[0] if luck.random() < 0.5 else months[0] - timedelta(days=luck.randint(1, 20))
        release = replace(release, covers=(first, end + timedelta(days=luck.choice((0, 0, 10, 31)))))
    if luck.random() < 0.4:
        stated = sorted({name for table in release.tables if table.kind == "removals" for name in table.fields})
        fields = tuple(luck.sample([name for name in stated if name != "departed_date"] or ["person_id"], 1))
        first, last = sorted(luck.choices(months, k=2))
        release = replace(release, withheld=(Withheld(fields, first, last),))
    return release


def _removals(luck: random.Random, population: str, months: list[Month]) -> list[Table]:
    known = [name for name in NAMES[population] if name != "departed_date"]
    fields = [name for name in known if luck.random() < 0.8]
    tables = [_removals_table(luck, fields, months, "a")]
    if luck.random() < 0.25 and len(months) > 2:
        # Another file of the same production lacks columns, or has others.
        other = [name for name in known if luck.random() < 0.6]
        tables.append(_removals_table(luck, other, months[1:], "b"))
    return tables


def _removals_table(luck: random.Random, fields: list[str], months: list[Month], people: str) -> Table:
    rows: list[dict[str, Cell]] = []
    form = luck.choice(("%Y-%m-%d", "%m/%d/%Y"))
    usual = {
        name: luck.choice(("full", "usual", "usual", "mixed", "blank", "all marks", "no value")) for name in fields
    }
    for month in months:
        habits = {name: luck.choice(list(HABITS)) if luck.random() < 0.3 else usual[name] for name in fields}
        last_day = 26 if month == months[-1] else 28
        for number in range(luck.choice((1, 2, 3, 5, 8, 14))):
            # Whether an undeclared coverage cuts the month of its first departure, the design does not say.
            is_first = (month, number) == (months[0], 0)
            departed = month + timedelta(days=0 if is_first else luck.randint(1, last_day - 1))
            cells = {"departed_date": _day(departed, form)}
            for name in fields:
                cells[name] = _cell(luck, name, habits[name], departed, form, people)
            rows.append(cells)
        if luck.random() < 0.1:
            rows.append(rows[-1] | {"departed_date": _unknown(luck, "departed_date")})
    # The last day of departure must not put the edge of the last thirty days on the edge of a month.
    last = max(c["departed_date"].value for c in rows if isinstance(c["departed_date"].value, date))
    edge = last - timedelta(days=LATE_DAYS)
    if edge.month != (edge + timedelta(days=1)).month:
        rows.append(dict(rows[0]) | {"departed_date": _day(last + timedelta(days=1), form)})
    return Table("removals", ("departed_date", *fields), tuple(rows))


def _cell(luck: random.Random, name: str, habit: str, departed: date, form: str, people: str) -> Cell:
    state = luck.choices(("value", "blank", "redacted", "unreadable"), HABITS[habit])[0]
    if state == "blank":
        return Cell("blank", None, luck.choice(BLANKS))
    if state == "redacted":
        return Cell("redacted", None, luck.choice(MARKS))
    if state == "unreadable":
        return _unknown(luck, name)
    if name == "person_id":
        return _person(f"{people}{luck.randrange(1000)}")
    if name == "detainer_prepare_date":
        return _day(departed - timedelta(days=luck.choice((0, 1, 30, 200, 700, -3))), form)
    value = luck.choice(VALUES[name])
    return Cell("value", value, value)


def _unknown(luck: random.Random, name: str) -> Cell:
    return Cell("unreadable", None, luck.choice(UNREADABLE[name]))


def _person(name: str) -> Cell:
    identifier = hashlib.sha1(name.encode()).hexdigest()
    return Cell("value", identifier, identifier)


def _day(day: date, form: str) -> Cell:
    return Cell("value", day, day.strftime(form))


def _detainers(luck: random.Random, months: list[Month], removals: list[Table]) -> Table:
    """Detainers of some who were removed and of others, from long before the first removal or from beside it."""
    form = luck.choice(("%Y-%m-%d", "%m/%d/%Y"))
    has_person = luck.random() < 0.95
    habits = [luck.choices(("full", "usual", "mixed", "all marks", "blank"), (8, 8, 2, 1, 1))[0] for _ in range(2)]
    if luck.random() < 0.5:
        habits = ["full", "usual"]
    reach = luck.choice((0, 100, 400, 500, 600))
    people = [row["person_id"] for table in removals for row in table.rows if "person_id" in row]
    known = [cell for cell in people if cell.state == "value"]
    joins = luck.random() < 0.93
    rows: list[dict[str, Cell]] = []
    first, last = months[0] - timedelta(days=reach), months[-1] + timedelta(days=27 if luck.random() < 0.7 else -40)
    days = max((last - first).days, 30)
    for position in range(max(20, days // 12)):
        # Spread over the whole reach, so that most months have some; a few months have none.
        day = (first + timedelta(days=position * days // max(20, days // 12))).replace(day=luck.randint(2, 27))
        cells = {"detainer_prepare_date": _mixed(luck, "detainer_prepare_date", habits[0], _day(day, form))}
        if has_person:
            person = luck.choice(known) if known and joins and luck.random() < 0.5 else _person(f"x{position}")
            cells["person_id"] = _mixed(luck, "person_id", habits[1], person)
        rows.append(cells)
    return Table("detainers", ("detainer_prepare_date", *(["person_id"] if has_person else [])), tuple(rows))


def _mixed(luck: random.Random, name: str, habit: str, value: Cell) -> Cell:
    found = _cell(luck, name, habit, date(2012, 1, 1), "%Y-%m-%d", "")
    return value if found.state == "value" else found


def write(release: Release, raw: Path) -> None:
    """Write a release's folder: one CSV for each table, and release.toml."""
    folder = raw / release.id
    folder.mkdir(parents=True)
    for position, table in enumerate(release.tables):
        shape = "detainers" if table.kind == "detainers" else release.population
        _write_table(table, shape, folder / f"{table.kind}_{position}.csv", position)
    (folder / "release.toml").write_text(_manifest(release), encoding="utf-8")


def _write_table(table: Table, shape: str, path: Path, position: int) -> None:
    filler = FILLERS[shape]
    # A column of its own in each row keeps two tables from looking like copies of each other.
    entry = "centry_date" if shape == "sc" else "Entry Date"
    header = [NAMES[shape][name] for name in table.fields] + [*filler, entry]
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        for number, row in enumerate(table.rows):
            entered = date(2001, 1, 13) + timedelta(days=3 * number + position)
            writer.writerow([row[name].text for name in table.fields] + [*filler.values(), entered.isoformat()])


def _manifest(release: Release) -> str:
    lines = ['title = "Invented rows"', "synthetic = true", f"received = {release.received}"]
    lines += [f'population = "{release.population}"']
    if release.covers:
        lines.append(f"covers = [{release.covers[0]}, {release.covers[1]}]")
    for withheld in release.withheld:
        fields = ", ".join(f'"{name}"' for name in withheld.fields)
        lines += ["[[withheld]]", f"fields = [{fields}]", f'from = "{withheld.first:%Y-%m}"']
        lines += [f'to = "{withheld.last:%Y-%m}"', 'reason = "invented"', 'citation = "none"']
    return "\n".join(lines) + "\n"
