"""Rows -> sentences. Each says what its row says, and is left out where the row has no value."""

from sc_pipeline.report.rows import Row, Rows, Tables, grouped, spans
from sc_pipeline.report.words import cell, day_words, month_words, percent, series_words


def lead(tables: Tables) -> list[str]:
    """What the report says at its top: totals, shares, claims that do not hold, what is withheld."""
    figures = {row["figure"]: row for row in tables["headline_figures"] if row["value"] is not None}
    totals = [f"{cell(row['value'])} {words} from {month_words(row['first_month'], row['last_month'])}"
              for row, words in _known(figures, {"total_ice": "removals by ICE are on record",
                                                 "total_sc": "removals under Secure Communities"})]  # fmt: skip
    shares = [(f"{percent(row['value'])} of {words}", month_words(row["first_month"], row["last_month"]))
              for row, words in _known(figures, {"detainer_linked_share_of_sc": "Secure Communities removals",
                                                 "detainer_linked_share_of_ice": "all ICE removals"})]  # fmt: skip
    said = [f"{', and '.join(totals)}."] if totals else []
    for span in dict.fromkeys(span for _, span in shares):
        parts = [part for part, of_span in shares if of_span == span]
        said.append(f"A detainer led to {' and to '.join(parts)} from {span}.")
    said += [f"{row['claimant']} claimed “{row['claim']}” for {day_words(row['first_day'], row['last_day'])}. "
             f"The claim is {verdict(row)}"
             for row in tables["claim_checks"] if row["verdict"] == "contradicted"]  # fmt: skip
    return said + withheld(tables["monthly_removals"])


def _known(figures: dict[str, Row], words: dict[str, str]) -> list[tuple[Row, str]]:
    return [(figures[figure], said) for figure, said in words.items() if figure in figures]


def withheld(monthly: Rows) -> list[str]:
    """One sentence for each series the agency withholds months of."""
    of_series = grouped([row for row in monthly if row["status"] == "withheld"], "population", "subset")
    said = []
    for (population, subset), rows in of_series.items():
        months = {row["month"] for row in rows}
        runs = [month_words(first, max(month for month in months if month < after)) for first, after in spans(months)]
        count = f"{len(months)} months" if len(months) > 1 else "one month"
        said.append(f"ICE withholds the number of {series_words(population, subset)} for {count}: {', '.join(runs)}.")
    return said


def verdict(row: Row) -> str:
    """Why a claim is contradicted, supported or undecided."""
    return f"{row['verdict']}: {_on_record(row['claimed'], row['observed_low'], row['observed_high'])}."


def _on_record(claimed: int, low: int | None, high: int | None) -> str:
    if low is None:
        return "no month of the days claimed is on record"
    if low == high:
        return f"exactly {low:,} are on record against {claimed:,} claimed"
    if low > claimed:
        return f"at least {low:,} are on record, more than the claimed {claimed:,}"
    if high is None:
        return f"at least {low:,} are on record against {claimed:,} claimed, and not every month is reported"
    if high < claimed:
        return f"at most {high:,} of the claimed {claimed:,} are on record (at least {low:,})"
    return f"from {low:,} to {high:,} are on record against {claimed:,} claimed"
