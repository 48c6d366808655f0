"""Training of the demo model that ships: a tool of its developers, not in the wheel."""
