"""From text to the encoder's input: tokens, wordpieces, windows."""
