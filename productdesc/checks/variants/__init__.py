"""Variants in copy: no text claims of the whole product what is true of one variant."""
