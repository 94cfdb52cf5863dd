"""Commands of the study, hung into `spacy_dlfa.cli`, whose rule of imports holds here too."""
