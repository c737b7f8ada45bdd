"""Identifiers: words for nothing, digits lost, leading zeros lost, invisible marks."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

from tests.cases import Case, both, counted
from tests.cases.shapes import DETAINERS, ICE, detainers, person, removals, table, text, workbook

SEEN_WORDS = {"error-value": "#N/A", "written-as-a-dash": "-", "written-nan": "nan", "written-zero": "0"}
OTHER_WORDS = {
    "nan-in-capitals": "NaN",
    "written-none": "None",
    "written-null": "null",
    "n-slash-a": "N/A",
    "hash": "#",
    "two-dashes": "--",
    "reference-error": "#REF!",
    "unknown": "UNKNOWN",
    "unk": "UNK",
    "pandas-na": "<NA>",
    "nine-zeros": "000000000",
    "value-error": "#VALUE!",
    "dot": ".",
    "marked": "(b)(6)",
}

# No two persons may share an identifier; no identifier at all is right too.
DISTINCT = """
    select person_id
    from removals_by_release
    where release_id = $release and person_id is not null
    group by person_id
    having count(*) > 1
"""


def words(word: str, salt: str) -> dict[str, bytes]:
    """Six of twelve removals have a word for an identifier, and so has one of three detainers; one person has both."""
    found = removals(
        salt,
        first=date(2025, 3, 7),
        changes={"Anonymized Identifier": lambda i: person(salt, i) if i % 2 == 0 else word},
    )
    held = detainers([person(salt, 0), word, person(salt, 99)])
    return {"removals.csv": text(table(found, ICE)), "detainers.csv": text(table(held, DETAINERS))}


def numbers(of: Callable[[int], object], salt: str, ending: str = "xlsx") -> dict[str, bytes]:
    """Eight persons of whom two had a detainer, their identifiers as numbers in a workbook, or as its text in a CSV."""
    day = None if ending == "xlsx" else "%m/%d/%Y"
    found = removals(salt, 8, first=date(2025, 3, 7), form=day, changes={"Anonymized Identifier": of})
    held = detainers([str(of(0)), str(of(1))], form=day)
    for i, row in enumerate(held):
        row["Anonymized Identifier"] = of(i)
    cells = table(found, ICE, title=ending == "xlsx"), table(held, DETAINERS, title=ending == "xlsx")
    if ending == "xlsx":
        return {"removals.xlsx": workbook({"Removals": cells[0]}), "detainers.xlsx": workbook({"Detainers": cells[1]})}
    return {"removals.csv": text(cells[0]), "detainers.csv": text(cells[1])}


def nineteen(i: int) -> float:
    """Identifiers of 19 digits that differ in the last three: a number cell keeps none of the difference."""
    return float(1234567890123456700 + 3 * i)


def seventeen(i: int) -> float:
    """Identifiers of 17 digits, of which Excel kept 15."""
    return float((12345678901234500 + 37 * i) // 100 * 100)


def padded(width: int, unpadded: str, salt: str) -> dict[str, bytes]:
    """Six persons of twelve had a detainer; one of the two tables lost the zeros in front of the identifiers."""
    found = removals(
        salt, first=date(2025, 3, 7), changes={"Anonymized Identifier": lambda i: str(1000 + 37 * i).zfill(width)}
    )
    held = detainers([str(1000 + 37 * i).zfill(width) for i in range(6)] + ["777".zfill(width)])
    for row in [*found, *held]:
        row |= {name: salt for name in ("Case Category", "Facility City") if name in row}
    for row in {"removals": found, "detainers": held, "neither": []}[unpadded]:
        row["Anonymized Identifier"] = row["Anonymized Identifier"].lstrip("0")
    return {"removals.csv": text(table(found, ICE)), "detainers.csv": text(table(held, DETAINERS))}


def disguised(change: Callable[[str], str], salt: str) -> dict[str, bytes]:
    """The identifiers of one table are written with something about them that nobody sees."""
    found = removals(salt, first=date(2025, 3, 7), changes={"Anonymized Identifier": lambda i: change(person(salt, i))})
    held = detainers([person(salt, i) for i in range(6)])
    return {"removals.csv": text(table(found, ICE)), "detainers.csv": text(table(held, DETAINERS))}


def _linked(rows: int) -> str:
    return counted("detainer_linked", rows)


def _at_most(rows: int) -> str:
    return _linked(rows).replace("<>", ">")


def _variants(kind: str, words_of: dict[str, str]) -> Sequence[Case]:
    return [Case(f"{kind}-{name}", partial(words, word), _linked(1)) for name, word in words_of.items()]


LOST = both(DISTINCT, _at_most(2))
CASES = [
    *_variants("ids", SEEN_WORDS),
    *_variants("ids", OTHER_WORDS),
    Case("ids-19-digits-as-numbers", partial(numbers, nineteen), LOST),
    Case("ids-17-digits-zeroed-by-excel", partial(numbers, seventeen), LOST),
    Case("ids-18-digits-as-numbers", partial(numbers, lambda i: float(987654321098765430 + i)), LOST),
    Case(
        "ids-in-scientific-form", partial(numbers, lambda i: f"{1234567890123456700 + 3 * i:.5E}", ending="csv"), LOST
    ),
    Case("ids-zeroed-and-saved-as-csv", partial(numbers, lambda i: f"{1234567890123450000:d}", ending="csv"), LOST),
    Case("ids-leading-zeros-lost", partial(padded, 9, "detainers"), _linked(6)),
    Case("ids-leading-zeros-lost-in-removals", partial(padded, 9, "removals"), _linked(6)),
    Case("ids-leading-zeros-lost-of-twelve", partial(padded, 12, "detainers"), _linked(6)),
    Case("ids-leading-zeros-kept", partial(padded, 9, "neither"), _linked(6)),
    Case("ids-with-zero-width-space", partial(disguised, lambda name: name + "\u200b"), _linked(6)),
    Case("ids-with-no-break-space", partial(disguised, lambda name: "\u00a0" + name), _linked(6)),
    Case("ids-with-byte-order-mark", partial(disguised, lambda name: "\ufeff" + name), _linked(6)),
    Case("ids-with-apostrophe", partial(disguised, lambda name: "'" + name), _linked(6)),
    Case("ids-with-word-joiner", partial(disguised, lambda name: name[:20] + "\u2060" + name[20:]), _linked(6)),
]
