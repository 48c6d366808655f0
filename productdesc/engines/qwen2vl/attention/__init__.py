"""Attention and KV caches: shared prefix, prefix cache, ragged cache, varlen batches."""
