"""Training on other tasks first, and what it does to a task (Phang 2018, arXiv 1811.01088)."""
