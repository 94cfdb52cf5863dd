"""The component and its listeners in a spaCy pipeline."""
