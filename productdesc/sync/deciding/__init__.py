"""Decisions of a person about drafts, each bound to what was seen; never changed."""
