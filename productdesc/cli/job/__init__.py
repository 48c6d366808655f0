"""A long run of the command line: how it is stopped, watched, counted and reported."""
