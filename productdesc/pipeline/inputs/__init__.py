"""What the stages are given, made ready: closed lists, and text read on photos."""
