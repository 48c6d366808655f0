"""Rendering: a description as HTML, for a notebook, a page and the review."""
