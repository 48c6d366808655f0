"""Clean-up: texts freed of claims that nobody vouches for, and of what is no copy."""
