"""Qwen2-VL on torch: from a checkpoint folder to answers that fit their schema.

    source -> checkpoint -> model
    text, photos -> vocabulary, preprocessing, positions -> Step
    Step -> model, cache -> sampling, grammar -> Answer        (decoding, engine)

Only `model`, `cache`, `sampling`, `decoding` and `engine` import torch.
"""
