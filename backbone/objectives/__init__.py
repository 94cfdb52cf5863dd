"""What the encoder learns from, one module each; `batches.py` puts them together."""
