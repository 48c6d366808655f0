"""Word knowledge as data: one TOML table a subject, one row a thing, all languages in it.

Each table is read on first use and kept; importing this package reads nothing.
To add a word: one entry in a table. The tables' schema is in `word_tables.py`.
"""
