"""Checkpoints: found, looked through before loading, digested; device and memory."""
