"""Tag the words of five languages with a pipeline trained on English."""

import spacy

nlp = spacy.load("xx_dlfa_tagger")
texts = {
    "German": "Die kleine Katze schläft heute auf dem Sofa.",
    "Portuguese": "Ela comprou dois livros antigos em Lisboa.",
    "Russian": "Мой брат читает новую книгу.",
    "Swedish": "Vi bor i ett rött hus vid havet.",
    "Chinese": "我住在北京。",
}
for language, doc in zip(texts, nlp.pipe(texts.values()), strict=True):
    print(f"{language:12}", " ".join(f"{token.text}/{token.tag_}" for token in doc))
