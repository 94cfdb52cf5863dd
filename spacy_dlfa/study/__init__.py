"""The laboratory: which layer, fusion and encoder to take; needs the extra `study`."""
