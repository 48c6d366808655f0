"""Encoded bytes to pixels: told by their first bytes, decoded in a process of their own."""
