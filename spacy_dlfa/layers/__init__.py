"""The fusions, the listener that applies them, and the encoder that feeds it."""
