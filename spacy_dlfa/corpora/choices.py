"""What users of `convert` choose from; imports nothing, as the help of the command reads it."""

#: Of the files that can be converted.
SUFFIXES = (".iob2", ".conllu", ".tsv")

#: The labels of entities to keep, if it is all of them.
ALL = "all"

#: Columns that are not read, by the converter of `spacy convert` that keeps them, and for what
UNREAD = {
    "conllu": (("LEMMA", "XPOS", "FEATS", "HEAD", "DEPREL"), "a morphologizer, parser, lemmatizer"),
    "ner": (("POS",), "a tagger"),
}

#: Universal NER's labels for what is something else, or uncertain
DROPPED = ("OTH", "O")
