"""Tell whether sentences mean the same in four languages, with a pipeline trained on English."""

import spacy

from spacy_dlfa.pairs import make_pair

nlp = spacy.load("xx_dlfa_pairs")
pairs = {
    "German": ("Er zog 1990 von Köln nach Bonn.", "1990 zog er von Bonn nach Köln."),
    "French": ("Le film est sorti en mai à Paris.", "En mai, le film est sorti à Paris."),
    "Spanish": ("Ana es la madre de Luis.", "Luis es la madre de Ana."),
    "Chinese": ("他从北京去了上海。", "他从上海去了北京。"),
}
docs = nlp.pipe(make_pair(nlp, first, second) for first, second in pairs.values())
for language, doc in zip(pairs, docs, strict=True):
    label = max(doc.cats, key=doc.cats.get)
    print(f"{language:12}", f"{doc.text}: {label} ({doc.cats[label]:.0%})")
