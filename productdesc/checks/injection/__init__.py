"""Prompt injection: text on photos and in data that speaks to the model, and what of it.

Found by the rules of `words/injection/`. It is reported, it is not shown to the model where
that is ours to choose, and it vouches for nothing.
"""
