"""What a rule asks of rows: words of a small grammar, over facets kept beside drafts."""
