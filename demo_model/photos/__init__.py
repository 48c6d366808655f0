"""Photos to train the demo model on: views, studio grounds, renders, batches."""
