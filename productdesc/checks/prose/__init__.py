"""Prose: phrases, quantities, names, sentences, languages and repetition in it."""
