"""Fusions x layers x seeds on the same data order: resumable, in parallel, one JSON each."""
