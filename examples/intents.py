"""Tell what commands in four languages ask for, trained on English alone."""

import spacy

nlp = spacy.load("xx_dlfa_intents")
texts = {
    "German": "Brauche ich morgen in Köln einen Regenschirm?",
    "Italian": "Aggiungi questa canzone alla mia playlist.",
    "Turkish": "Bu kitaba beş üzerinden dört yıldız ver.",
    "Chinese": "给我们四个人订一家餐厅。",
}
for language, doc in zip(texts, nlp.pipe(texts.values()), strict=True):
    label = max(doc.cats, key=doc.cats.get)
    print(f"{language:12}", f"{doc.text}: {label} ({doc.cats[label]:.0%})")
