"""The Qwen2-VL engine on torch: from a checkpoint folder to answers that fit their schema.

    checkpoint, inputs < attention < modeling < scheduler < engine

Each folder imports from those to its left alone. Torch is imported nowhere else in the
package.
"""
