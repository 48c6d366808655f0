"""The demo model's language half: its tokenizer, products, conversations, training."""
