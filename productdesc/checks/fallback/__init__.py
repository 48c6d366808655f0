"""Fallback texts: what rules write from facts and data, where a model writes nothing.

`compose` serves every engine where a required text lost everything, and an engine that only
looks for all of its copy.
"""
