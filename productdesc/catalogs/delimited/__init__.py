"""Delimited text files (CSV, TSV, JSON lines): dialect, quoting, rows with their bytes."""
