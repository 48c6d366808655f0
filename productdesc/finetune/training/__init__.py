"""Training: a LoRA adapter of a model's language layers, from fine-tuning data."""
