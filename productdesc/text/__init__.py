"""Plain text, for every layer above: folded for comparison, trimmed to a length."""
