"""Zero-shot scores by language, and the pages made of them."""
