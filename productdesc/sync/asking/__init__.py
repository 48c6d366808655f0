"""Wishes: what a person asks of a row's next draft, answered by the next run."""
