"""The network: weights loaded, text layers, fused operations, int8 and upcast linear."""
