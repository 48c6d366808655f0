"""Rewriting a merchant's own text: a second chance for lost facts, and what changed."""
