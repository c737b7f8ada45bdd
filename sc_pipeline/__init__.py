"""FOIA files on US immigration removals and detainers in, an audited DuckDB warehouse out."""

import warnings

__version__ = "0.1.0"

# Pandera imports PySpark's pandas wherever PySpark is installed; nothing here uses it.
warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
