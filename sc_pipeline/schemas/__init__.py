"""The schema of every table: its columns' types, meaning, unit and rules, in one place."""

from sc_pipeline.schemas import comparisons, core, detainers, facts, marts, meta, records, revisions, splits
from sc_pipeline.schemas.base import TableModel

MODELS: dict[str, TableModel] = {
    **records.MODELS,
    **facts.MODELS,
    **meta.MODELS,
    **core.MODELS,
    **marts.MODELS,
    **splits.MODELS,
    **detainers.MODELS,
    **comparisons.MODELS,
    **revisions.MODELS,
}
"""Table name -> its model, in the order of the data."""
