"""What users of `convert` choose from; imports nothing, as the help of the command reads it."""

#: Of the files that can be converted.
SUFFIXES = (".iob2", ".conllu", ".tsv")

#: The labels of entities to keep, if it is all of them.
ALL = "all"

#: Universal NER's labels for what is something else, or uncertain
DROPPED = ("OTH", "O")
