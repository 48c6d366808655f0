"""Robustness: photos damaged in steps, and what becomes of the answers."""
