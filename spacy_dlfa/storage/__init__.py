"""What is loaded and saved, and the checks on the way."""
