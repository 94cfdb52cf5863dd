"""A tiny folder of data like the project's assets: eight sentences in English and German."""

from pathlib import Path

NAMES = ["Anna", "Berta", "Carla", "Dora", "Emil", "Frida", "Gustav", "Hanna"]
RESTS = {"en": ["sleeps", "here"], "de": ["schläft", "hier"], "sv": ["sover", "här"]}
SIB = {"en": "eng_Latn", "de": "deu_Latn", "sv": "swe_Latn"}


def write_data(folder: Path) -> Path:
    """Write the files of the three tasks."""
    for name in ("pos/test", "ner/test", "textcat/test"):
        (folder / name).mkdir(parents=True)
    for language in RESTS:
        (folder / "pos" / "test" / f"{language}_pud.conllu").write_text(_conllu(language))
        (folder / "ner" / "test" / f"{language}_pud.iob2").write_text(_iob2(language))
        (folder / "textcat" / "test" / f"{SIB[language]}.tsv").write_text(_table(language))
    for name in ("en_ewt-train-1", "en_ewt-dev"):
        (folder / "pos" / f"{name}.conllu").write_text(_conllu("en"))
    for name in ("en_ewt-train", "en_ewt-dev"):
        (folder / "ner" / f"{name}.iob2").write_text(_iob2("en"))
    for name in ("train", "dev"):
        (folder / "textcat" / f"{name}.tsv").write_text(_table("en"))
    return folder


def _conllu(language: str) -> str:
    blocks = []
    for number, name in enumerate(NAMES):
        rows = zip([name, *RESTS[language]], ("PROPN", "VERB", "ADV"), strict=True)
        lines = [f"# sent_id = {number}"]
        for i, (word, tag) in enumerate(rows, 1):
            lines.append(f"{i}\t{word}\t_\t{tag}\t_\t_\t0\t_\t_\t_")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n\n"


def _iob2(language: str) -> str:
    blocks = []
    for number, name in enumerate(NAMES):
        rows = zip([name, *RESTS[language]], ("B-PER", "O", "O"), strict=True)
        lines = [f"# sent_id = {number}"]
        lines += [f"{i}\t{word}\t{tag}\t-\t-" for i, (word, tag) in enumerate(rows, 1)]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n\n"


def _table(language: str) -> str:
    rows = [
        f"{number}\t{('sports', 'travel')[number % 2]}\t{' '.join([name, *RESTS[language]])}"
        for number, name in enumerate(NAMES)
    ]
    return "\n".join(["index_id\tcategory\ttext", *rows]) + "\n"
