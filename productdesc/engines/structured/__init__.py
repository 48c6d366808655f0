"""Structured output: JSON schemas compiled to grammars, and the shortest valid end."""
