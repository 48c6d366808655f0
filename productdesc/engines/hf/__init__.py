"""The engine for any image-text-to-text model of transformers, by its `generate`.

Nothing of transformers is changed. What is ours: which checkpoints are loaded, what a
prompt looks like in tokens, and which token may come next.
"""
