"""The Qwen2-VL engine on torch: from a checkpoint folder to answers that fit their schema.

    inputs < attention < modeling < scheduler < engine

Each folder imports from those to its left alone, and from `engines/checkpoint`, which
finds a model and looks it through.
"""
