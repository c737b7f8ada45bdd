"""Dagster: a new folder in raw/ becomes a partition and a run."""

import dagster  # noqa: F401
