"""The scheduler: which requests are read and decoded together, each held to its grammar."""
