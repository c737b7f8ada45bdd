"""FOIA files on US immigration removals and detainers in, an audited DuckDB warehouse out."""

__version__ = "0.1.0"
