"""Find people, places and organisations in five languages with a pipeline trained on English."""

import spacy

nlp = spacy.load("xx_dlfa_ner")
texts = {
    "German": "Angela Merkel traf in Paris den Präsidenten von Frankreich.",
    "Portuguese": "A Universidade de Lisboa recebeu ontem José Saramago.",
    "Russian": "Анна Петрова работает в Москве.",
    "Swedish": "Greta Thunberg kommer från Stockholm.",
    "Chinese": "李明住在北京，在北京大学工作。",
}
for language, doc in zip(texts, nlp.pipe(texts.values()), strict=True):
    print(f"{language:12}", [(ent.text, ent.label_) for ent in doc.ents])
