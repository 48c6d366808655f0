"""One call made ready: its options, and each product with what is asked of it."""
