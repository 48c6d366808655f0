"""Prose as words: tokens, phrases, quantities, names, languages, repetition."""
