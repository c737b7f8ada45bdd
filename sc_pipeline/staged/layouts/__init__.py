"""A sheet's header -> the layout it follows and what each column means; one .toml here per shape of file."""

from sc_pipeline.staged.layouts.declared import Layout, Measure, fold, load_layouts
from sc_pipeline.staged.layouts.matching import Match, NoMatch, match

__all__ = ["Layout", "Match", "Measure", "NoMatch", "fold", "load_layouts", "match"]
