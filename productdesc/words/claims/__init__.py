"""Words of claims: the tables of what copy may claim, and the grammar around it."""
