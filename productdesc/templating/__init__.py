"""Templates: where they lie, their texts, and the sandbox that they run in."""
