"""Text without labels: what a pipeline learns from it, and what it says of the pipeline."""
