"""HTML pages that need nothing else, and what they are drawn with; need the extra `study`."""
