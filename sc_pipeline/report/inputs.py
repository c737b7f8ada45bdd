"""Which tables the pictures and the page are made from; apart, so that asking needs no drawing library."""

FIGURE_INPUTS = (
    "monthly_removals", "removals_by_source", "convictions", "detainer_shares", "field_disclosure", "month_sources",
    "release_revisions", "releases", "published_counts",
)  # fmt: skip
PAGE_INPUTS = (
    "headline_figures", "convictions", "removals_by_source", "claim_checks", "published_comparison", "monthly_removals",
    "withheld_fields", "releases", "source_files", "month_sources", "running_averages", "detainer_shares",
    "release_revisions", "published_counts",
)  # fmt: skip
REPORT_INPUTS = tuple(sorted({*PAGE_INPUTS, *FIGURE_INPUTS}))
