"""Which tables the pictures and the page are made from; apart, so that asking needs no library."""

FIGURE_INPUTS = (
    "monthly_removals",
    "convictions",
    "detainer_outcomes",
    "detainer_shares",
    "detainer_sources",
    "field_disclosure",
    "month_sources",
    "release_revisions",
    "releases",
    "running_averages",
)
PAGE_INPUTS = (
    "headline_figures",
    "claim_checks",
    "published_comparison",
    "withheld_fields",
    "silences",
    "source_files",
    "removals_by_month",
    "removals_by_place",
    "level1_removals",
    "biometric_match_proxy",
    "yearly_comparison",
)
REPORT_INPUTS = tuple(sorted({*PAGE_INPUTS, *FIGURE_INPUTS}))
