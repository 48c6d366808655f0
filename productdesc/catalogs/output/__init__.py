"""Files that are written: atomic, new ones row by row, rewritten ones from a spool."""
