"""Continuous batching: which requests are prefilled and decoded together, and how."""
