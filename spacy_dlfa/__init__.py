"""Zero-shot cross-lingual pipelines for spaCy, by fusing two layers of one encoder."""
