"""From a published figure to its source rows, and from a source row to the figures it counts in."""
