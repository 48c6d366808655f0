"""Delimited text files (CSV, TSV): dialect, quoting, rows with their bytes, row index."""
