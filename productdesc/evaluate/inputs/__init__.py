"""Inputs: the files that tasks read, and how photos are asked about."""
