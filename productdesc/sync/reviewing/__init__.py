"""Reviewing: what a page or any other reviewer's tool asks of a job, and does to it."""
