"""The recipe of the small multilingual BERT: corpus, vocabulary, pretraining, export."""
