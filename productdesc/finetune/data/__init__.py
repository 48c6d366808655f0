"""Fine-tuning data: a shop's own products as conversations that a model can be taught."""
