"""The demo model's vision tower: its training, from a convolutional teacher on."""
