"""Checkpoints: hub download, inspection before loading, digest, device and memory."""
