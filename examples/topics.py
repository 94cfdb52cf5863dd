"""Find the topics of sentences in five languages with a pipeline trained on English."""

import spacy

nlp = spacy.load("xx_dlfa_textcat")
texts = {
    "German": "Die Mannschaft gewann das Spiel in der letzten Minute.",
    "Portuguese": "O presidente anunciou novas eleições para o parlamento.",
    "Russian": "Врачи лечат больных новым лекарством.",
    "Swedish": "Hotellet ligger nära stranden och tar emot många turister.",
    "Chinese": "科学家发现了一颗新的行星。",
}
for language, doc in zip(texts, nlp.pipe(texts.values()), strict=True):
    topic = max(doc.cats, key=doc.cats.get)
    print(f"{language:12}", f"{topic} ({doc.cats[topic]:.0%})")
