"""The languages that XLM-R, and so multilingual-e5-small, was pretrained on."""

# Without the romanised doubles of five of them (Conneau et al. 2020, table 6); nb is its "no"
_TWO_LETTERS = """
af am ar as az be bg bn br bs ca cs cy da de el en eo es et eu fa fi fr fy ga gd gl gu ha he hi hr
hu hy id is it ja jv ka kk km kn ko ku ky la lo lt lv mg mk ml mn mr ms my nb ne nl no om or pa pl
ps pt ro ru sa sd si sk sl so sq sr su sv sw ta te th tl tr ug uk ur uz vi xh yi zh
"""
_THREE_LETTERS = """
afr als amh arb asm azj bel ben bos bre bul cat ces cym dan deu ell eng epo est eus fin fra fry gaz
gla gle glg guj hau heb hin hrv hun hye ind isl ita jav jpn kan kat kaz khk khm kir kmr kor lao lat
lit lvs mal mar mkd mya nld nob npi ory pan pbt pes plt pol por ron rus san sin slk slv snd som spa
srp sun swe swh tam tel tgl tha tur uig ukr urd uzn vie xho ydd zho zsm
"""
ISO_639_1 = frozenset(_TWO_LETTERS.split())
#: As FLORES-200 writes them
ISO_639_3 = frozenset(_THREE_LETTERS.split())


def weight_of(language: str) -> float:
    """Return how much a language counts in choosing pieces: English, which labels are in, most.

    language (str): A code like `deu_Latn`, `deu` or `de`.
    """
    code = language.partition("_")[0]
    if code in ("en", "eng"):
        return 3.0
    return 1.0 if code in ISO_639_1 or code in ISO_639_3 else 0.25
