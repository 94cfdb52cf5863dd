"""Speed, memory and agreement of spacy_dlfa beside other ways to run the same encoder in spaCy."""
