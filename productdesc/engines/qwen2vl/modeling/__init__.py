"""The Qwen2-VL model: weight loading, text layers, fused ops, int8 and upcast linears."""
