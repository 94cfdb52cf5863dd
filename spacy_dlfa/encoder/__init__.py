"""The encoder: windows of wordpieces in, rows of its layers out, and gradients back."""
