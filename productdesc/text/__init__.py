"""Plain text, for every layer above: trimmed to a length."""
