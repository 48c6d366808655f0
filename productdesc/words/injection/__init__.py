"""Words of prompt injection: what text that speaks to a model is made of.

They say something of what is shown to a model, not of how a product is described, so they
are not in `word_tables.digest`, which is part of every product's key.
"""
