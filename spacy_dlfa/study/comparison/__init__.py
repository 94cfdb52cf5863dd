"""Is one fusion better than another, and which to take without a label of the target language."""
