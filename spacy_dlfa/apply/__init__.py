"""A pipeline on any number of documents: input cut into pieces, an output file for each."""
