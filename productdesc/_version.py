"""The one place the versions are written."""

__version__ = "0.1.0"

OUTPUT_VERSION = 3
"""Counts up whenever the same input and model would give another stored output."""
