"""Tasks: what can be evaluated, one file a task."""
