"""Publishing what is approved to a live shop, each write read back; and taking it back."""
