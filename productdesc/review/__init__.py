"""Review page: a person sees photo, words and proof side by side, and decides."""
