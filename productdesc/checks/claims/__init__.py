"""Claims: which ones a sentence makes, and who vouches for them."""
