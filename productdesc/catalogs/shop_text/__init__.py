"""Texts as shops store them: HTML, characters that must not be there, image URLs."""
