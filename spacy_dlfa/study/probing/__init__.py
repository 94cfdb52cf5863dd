"""What an encoder is worth: short probes of it, beside other encoders and random weights."""
