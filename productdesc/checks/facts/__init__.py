"""Facts of a merchant's own text: which a new copy keeps, and which it lost."""
