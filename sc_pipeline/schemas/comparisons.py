"""The marts that hold figures against what others printed or claimed, and releases against each other."""

from sc_pipeline.schemas.base import Count, Date, Flag, Number, ReadTable, TableModel, Text, column
from sc_pipeline.schemas.core import ORIGINS
from sc_pipeline.schemas.records import POPULATIONS, SUBSETS
from sc_pipeline.schemas.wording import COUNT, MONTH, POPULATION, SUBSET

COMPARISONS = ("same", "within", "differs", "not_computable", "same_figure")
VERDICTS = ("supported", "contradicted", "undecided")


class FigureValues(ReadTable):
    """Every headline figure over the latest months and over the months of the publications it is compared with."""

    figure: Text = column("Name of the figure.", key=True)
    first_month: Date = column("First month it is about.", unit="month", key=True)
    last_month: Date = column("Last month it is about.", unit="month", key=True)
    value: Number = column("The figure; null where it cannot be computed.", nullable=True)
    value_low: Number = column("The least it can be.", nullable=True)
    value_high: Number = column("The most it can be.", nullable=True)
    unit: Text = column("removals, or share (0 to 1).", isin=("removals", "share"))
    method: Text = column("How it is computed.")
    origin: Text = column("published where any month of it is a printed figure, else records.", isin=ORIGINS)
    is_latest: Flag = column("Whether these are the latest months the data allow.")


class HeadlineFigures(ReadTable):
    """The figures of the report's text, over the latest months the data allow."""

    figure: Text = column("Name of the figure.", key=True)
    value: Number = column("The figure; null where it cannot be computed.", nullable=True)
    unit: Text = column("removals, or share (0 to 1).", isin=("removals", "share"))
    first_month: Date = column("First month it is about.", unit="month")
    last_month: Date = column("Last month it is about.", unit="month")
    method: Text = column("How it is computed, over how many months, and where a printed figure was used.")


class ClaimChecks(ReadTable):
    """What officials and publishers claimed, against what the data show for the same days."""

    claim_id: Text = column("Name of the claim.", source="reference/claims.csv", key=True)
    claimant: Text = column("Who claimed it.")
    claim: Text = column("What was claimed.")
    claimed: Count = column("The number claimed.", unit="removals, or detainers", ge=0)
    first_day: Date = column("First day claimed; null where the claim names none.", unit="day", nullable=True)
    last_day: Date = column("Last day claimed.", unit="day")
    observed_low: Count = column(
        "Lower bound: counted by day where case records cover every month of the span; otherwise the whole months "
        "inside it. Of a claim about detainers, the detainers on record.",
        unit="removals, or detainers",
        nullable=True,
        ge=0,
    )
    observed_high: Count = column(
        "Upper bound, with every undetermined removal: counted by day where case records cover every month of the "
        "span; otherwise all months overlapping it; null where one of them is not counted in full, and for a claim "
        "about detainers.",
        unit="removals, or detainers",
        nullable=True,
        ge=0,
    )
    ratio_low: Number = column("claimed / observed_high.", nullable=True, ge=0)
    ratio_high: Number = column("claimed / observed_low.", nullable=True, ge=0)
    verdict: Text = column(
        "supported, contradicted or undecided: whether every, no or some number from observed_low to observed_high "
        "agrees with the claim.",
        isin=VERDICTS,
    )
    citation: Text = column("Where the claim was made.", source="reference/claims.csv")


class PublishedComparison(ReadTable):
    """Every printed figure beside the one computed here."""

    publication: Text = column("The release the printed figure is from.", key=True)
    cell: Text = column("Table, month and column, or the figure in the text.", key=True)
    published: Number = column("The figure as printed.")
    computed: Number = column(
        "The figure as computed, rounded as printed; null unless both bounds agree.", nullable=True
    )
    computed_low: Number = column("The least it can be.", nullable=True)
    computed_high: Number = column("The most it can be.", nullable=True)
    difference: Number = column("computed - published.", nullable=True)
    verdict: Text = column(
        "same (both bounds equal it), within (the bounds), differs, not_computable, or same_figure (the printed figure "
        "beside itself).",
        isin=COMPARISONS,
    )
    origin: Text = column(
        "records, or published where the computed figure rests on printed ones; null where not computable.",
        isin=ORIGINS,
        nullable=True,
    )


class YearlyComparison(ReadTable):
    """Every printed fiscal-year total beside the sum of the months in use."""

    fiscal_year: Count = column("The fiscal year: October to September.", unit="year", key=True)
    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    publication: Text = column("The release the printed total is from.", key=True)
    published: Count = column("The total as printed.", unit="removals", ge=0)
    computed_low: Count = column("The sum of the months that have a number.", **COUNT)
    computed_high: Count = column("The most it can be; null unless all twelve months are counted in full.", **COUNT)
    months_held: Count = column("How many months of the year have a number.", unit="months", ge=0, le=12)
    difference: Count = column("computed_low - published.", unit="removals", nullable=True)
    verdict: Text = column("same, within, differs or not_computable.", isin=COMPARISONS)


class ReleaseRevisions(ReadTable):
    """The counts of the same months in two releases, one received after the other."""

    population: Text = column(POPULATION, isin=POPULATIONS, key=True)
    subset: Text = column(SUBSET, isin=SUBSETS, key=True)
    month: Date = column(MONTH, unit="month", key=True)
    older_release: Text = column("The release received first.", key=True)
    newer_release: Text = column("The next one received that reports the month.", key=True)
    older: Count = column("The older count.", unit="removals", ge=0)
    newer: Count = column("The newer count.", unit="removals", ge=0)
    change: Count = column("newer - older.", unit="removals")


MODELS: dict[str, TableModel] = {
    "figure_values": FigureValues,
    "headline_figures": HeadlineFigures,
    "claim_checks": ClaimChecks,
    "published_comparison": PublishedComparison,
    "yearly_comparison": YearlyComparison,
    "release_revisions": ReleaseRevisions,
}
