"""Redaction marks by their shape, and what only looks like one."""

from functools import partial

from tests.cases import Case, silent
from tests.cases.shapes import SC, removals, secure, table, text

SEEN = {
    "b6-b7c": "b6, b7C",
    "black-boxes": "█████",
    "bracketed": "[(b)(6)]",
    "in-words": "Redacted per (b)(6)",
    "with-statute": "(b)(3):8 USC 1202(f)",
}
OTHERS = {
    "semicolon": "(b)(6); (b)(7)(C)",
    "letters-in-brackets": "b(6), b(7)c",
    "run-together": "(b)(6)(b)(7)(c)",
    "upper-case": "(B)(6)",
    "one-bracket": "(b6)",
    "b7e": "(b)(7)(E)",
    "three-exemptions": "(b)(6), (b)(7)(c) (b)(7)(e)",
    "double-brackets": "[[REDACTED-EX B6]]",
    "square-boxes": "■■■■",
    "shades": "▓▓▓▓▓",
    "crosses": "XXX",
    "small-crosses": "xxxxxxxx",
    "stars": "*****",
    "pursuant": "Withheld pursuant to (b)(6), (b)(7)(C)",
    "of-the-act": "5 U.S.C. 552(b)(7)(E)",
    "with-a-reason": "(b)(6) - personal privacy",
}
OF_CONVICTION = ("mscc_code", "detainer_prepare_date")
NO_MARKS = {"two-crosses": "XX", "words": "to follow", "question-mark": "?", "an-error": "#REF!"}


def marked(mark: str, salt: str) -> dict[str, bytes]:
    """Every offense code and every detainer date is the mark."""
    return {"sc.csv": text(table(secure(salt, changes=dict.fromkeys(OF_CONVICTION, mark)), SC))}


def statutes(salt: str) -> dict[str, bytes]:
    """Charge sections that look like exemptions."""
    sections = ("237(a)(1)(B)", "237(a)(2)(B)(i)", "212(a)(7)(A)(i)(I)", "212(a)(6)(A)(i)")
    return {"removals.csv": text(table(removals(salt, changes={"Final Charge Section": lambda i: sections[i % 4]})))}


def charge_sections() -> str:
    """Statute text is a value."""
    return """
        select charge_section, count(*)
        from removals_by_release
        where release_id = $release
        group by 1
        having charge_section is null or count(*) <> 3
    """


def one_month_marked(salt: str) -> dict[str, bytes]:
    """The second of three months holds marks in the codes alone, the first and third speak."""
    rows = secure(salt, 45, changes={"mscc_code": lambda i: "(b)(6)" if 15 < i < 31 else "1313"})
    return {"sc.csv": text(table(rows, SC))}


ONE_MONTH = """
    select month, subset, removals, status
    from release_months
    where
        release_id = $release
        and subset = 'convicted'
        and (month = date '2012-06-01') is distinct from (removals is null and status = 'withheld')
"""
DECLARED = """
[[withheld]]
fields = ["detainer_prepare_date"]
from = "2012-05"
reason = "a test"
citation = "none"
"""

CASES = [
    *(
        Case(
            f"mark-{name}",
            partial(marked, mark),
            silent("withheld", "convicted", "level1", "detainer_linked"),
            population="sc",
        )
        for name, mark in (SEEN | OTHERS).items()
    ),
    *(
        Case(
            f"no-mark-{name}",
            partial(marked, word),
            silent("unreadable", "convicted", "detainer_linked"),
            population="sc",
        )
        for name, word in NO_MARKS.items()
    ),
    Case("charge-sections-are-no-marks", statutes, charge_sections()),
    Case("one-month-of-marks", one_month_marked, ONE_MONTH, population="sc"),
    Case(
        "declared-withheld-beside-values",
        lambda salt: {"sc.csv": text(table(secure(salt), SC))},
        silent("withheld", "detainer_linked"),
        population="sc",
        manifest=DECLARED,
    ),
]
