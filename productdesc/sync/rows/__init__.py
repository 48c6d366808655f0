"""Rows of a journal: how a product comes into one, and how it ends."""
