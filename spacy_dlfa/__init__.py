"""Zero-shot cross-lingual pipelines for spaCy, by fusing two layers of one encoder."""

import os

# For each shape that it multiplies torch's oneDNN keeps what it prepared, 1,024 of them by default:
# gigabytes where every batch has another shape. Both are read at first use.
os.environ.setdefault("LRU_CACHE_CAPACITY", "64")
# What a pipeline multiplies again and again has about a hundred shapes, each below 1 MB.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "128")
