"""Serbian, which is written in two scripts."""

_LETTERS = dict(zip("абвгдђежзијклмнопрстћуфхцчш", "abvgdđežzijklmnoprstćufhcčš", strict=True))
_LETTERS |= {"љ": "lj", "њ": "nj", "џ": "dž"}
_TO_LATIN = str.maketrans(
    _LETTERS | {cyrillic.upper(): latin.capitalize() for cyrillic, latin in _LETTERS.items()}
)


def to_latin(text: str) -> str:
    """Return Serbian text in Latin script; Cyrillic letters of other languages stay."""
    return text.translate(_TO_LATIN)
