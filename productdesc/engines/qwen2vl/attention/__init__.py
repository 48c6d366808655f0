"""Attention and its KV caches: one prefix, ragged rows, prefixes that rows share."""
