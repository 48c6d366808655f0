"""Doors of the review server: gate, sessions, passwords."""
