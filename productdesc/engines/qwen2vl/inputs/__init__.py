"""Model inputs: tokens in the chat format, image patches, M-RoPE positions."""
