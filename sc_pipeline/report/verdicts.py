"""Claims, printed figures and revisions -> sentences that say what the records show of them."""

from sc_pipeline.report.method import COMPARISON_VERDICTS
from sc_pipeline.report.rows import Row, Rows, grouped
from sc_pipeline.report.titles import counted, spelled
from sc_pipeline.report.words import (
    day_words,
    listed,
    months_words,
    series_words,
)


def claim_sentence(row: Row) -> str:
    """A claim, its source and its verdict."""
    where = f" ({row['citation']})" if row["citation"] else ""
    days = ("for " if row["first_day"] else "") + day_words(row["first_day"], row["last_day"])
    return f"{row['claimant']} claimed “{row['claim']}” {days}{where}. The claim is {verdict(row)}"


def verdict(row: Row) -> str:
    """Why a claim is contradicted, supported or undecided."""
    return f"{row['verdict']}: {_on_record(row['claimed'], row['observed_low'], row['observed_high'])}."


def _on_record(claimed: int, low: int | None, high: int | None) -> str:
    if low is None:
        return "no records cover the dates of the claim"
    shown = f"at least {low:,}" if high is None else f"between {low:,} and {high:,}"
    shown = f"exactly {low:,}" if low == high else shown
    if low > claimed:
        return f"the records show {shown}, more than the claimed {claimed:,}"
    if high is None:
        return f"the records show {shown}; not every month has a number, so {claimed:,} is possible"
    if high < claimed:
        return f"the records show {shown}, not {claimed:,}"
    return f"the records show {shown}" + ("" if low == high else f", and {claimed:,} lies in that range")


def comparison(rows: Rows) -> list[str]:
    """What comparing printed figures with computed ones amounts to; a figure that meets itself tests nothing."""
    found = []
    for (publication,), of_publication in grouped(rows, "publication").items():
        count = dict.fromkeys(COMPARISON_VERDICTS, 0)
        for row in of_publication:
            count[row["verdict"]] += 1
        tested = count["same"] + count["within"] + count["differs"]
        could = "none" if not tested else f"{tested:,}"
        said = f"Of {counted(len(of_publication), 'figure')} printed in {publication}, {could} could be tested"
        outcomes = [
            (count["same"], "is the same", "are the same"),
            (count["within"], "lies within the computed range", "lie within the computed range"),
            (count["differs"], "differs", "differ"),
        ]
        if tested:
            said += f": {listed(spelled(number, one, many) for number, one, many in outcomes if number)}"
        if count["same_figure"]:
            said += f"; {count['same_figure']:,} are the very figures used here, so there is nothing to test"
        if count["not_computable"]:
            said += f"; {count['not_computable']:,} cannot be computed from the releases"
        found.append(f"{said}.")
    return found


def revised(rows: Rows) -> list[str]:
    """For each pair of releases: how many of their common months the later one counts differently."""
    found = []
    pairs = grouped(rows, "population", "subset", "older_release", "newer_release")
    for (population, subset, older, newer), of_pair in pairs.items():
        changed = [row for row in of_pair if row["change"]]
        if not changed:
            continue
        months = months_words(row["month"] for row in of_pair)
        said = f"{newer} counts {series_words(population, subset)} {_ways(changed, len(of_pair))}"
        found.append(f"{said} that it shares with {older} ({months}).")
    return found


def _ways(changed: Rows, months: int) -> str:
    """In how many of the months the later count is higher, and in how many lower."""
    up, down = sum(row["change"] > 0 for row in changed), sum(row["change"] < 0 for row in changed)
    if months in (up, down):
        every = {1: "the one month", 2: "both months"}.get(months, f"all {months:,} months")
        return f"{'higher' if up else 'lower'} in {every}"
    ways = listed(f"{way} in {number:,}" for number, way in ((up, "higher"), (down, "lower")) if number)
    return f"{ways} of the {months:,} months"
