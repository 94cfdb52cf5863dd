"""Tell whether a sentence follows from another in four languages, trained on English alone."""

import spacy

from spacy_dlfa.pairs import make_pair

nlp = spacy.load("xx_dlfa_nli")
pairs = {
    "German": ("Eine Frau läuft mit ihrem Hund am Strand.", "Ein Hund ist draußen."),
    "French": ("Deux enfants jouent au football.", "Les enfants dorment dans leur lit."),
    "Spanish": ("Un hombre lee el periódico.", "El hombre es profesor."),
    "Chinese": ("一个男孩在湖里游泳。", "男孩在水里。"),
}
docs = nlp.pipe(make_pair(nlp, first, second) for first, second in pairs.values())
for language, doc in zip(pairs, docs, strict=True):
    label = max(doc.cats, key=doc.cats.get)
    print(f"{language:12}", f"{doc.text}: {label} ({doc.cats[label]:.0%})")
