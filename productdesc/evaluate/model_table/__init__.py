"""Model table: several models beside each other, each in a process of its own."""
