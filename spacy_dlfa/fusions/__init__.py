"""Fusions: from the layers of each wordpiece to one vector; one file each."""
