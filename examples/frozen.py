"""Find entities, tags and topics in three languages with an encoder that was not trained for it."""

import spacy

nlp = spacy.load("xx_dlfa_frozen")
texts = {
    "German": "Angela Merkel traf in Paris den Präsidenten von Frankreich.",
    "Portuguese": "A Universidade de Lisboa recebeu ontem José Saramago.",
    "Russian": "Анна Петрова работает в Москве.",
}
for language, doc in zip(texts, nlp.pipe(texts.values()), strict=True):
    print(f"{language:12}", [(ent.text, ent.label_) for ent in doc.ents])
    print(" " * 12, " ".join(f"{token.text}/{token.tag_}" for token in doc))
    print(" " * 12, max(doc.cats, key=doc.cats.get))
