"""Describing into a journal: what is read, what waits, and what one call is to do."""
