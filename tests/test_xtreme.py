"""XTREME's archives become files that `python -m spacy dlfa convert` reads."""

import io
import tarfile
import zipfile

from scripts.xtreme import unpack


def tar_of(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


def zip_to(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def read_tree(folder):
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf8") for path in paths}


def test_xtreme_ner_becomes_numbered_words(tmp_path, monkeypatch):
    monkeypatch.setitem(unpack.__globals__["LANGUAGES"], "ner", "de en my")
    files = {split: f"{{}}:{split}\tB-LOC\n{{}}::\tO\n\n\n" for split in ("train", "dev", "test")}
    archives = {
        f"{code}.tar.gz": tar_of({k: v.replace("{}", code) for k, v in files.items()})
        for code in ("de", "en", "fr", "my")
    }
    zip_to(tmp_path / "panx_dataset.zip", archives)
    unpack("ner", tmp_path, tmp_path / "out")
    expected = {"en_train": "train", "en_dev": "dev", "test/de_xtreme": "test"}
    expected["test/en_xtreme"] = expected["test/mya_xtreme"] = "test"
    assert read_tree(tmp_path / "out") == {
        f"{name}.iob2": f"1\t{word}\tB-LOC\t-\t-\n2\t:\tO\t-\t-\n\n"
        for name, word in expected.items()
    }


def test_xtreme_treebanks_of_a_language_are_joined(tmp_path):
    row = "\t_\tNOUN\t_\t_\t0\troot\t_\t_\n\n"
    files = {
        "ud/UD_English-EWT/en_ewt-ud-train.conllu": "# text = a\n1\ta" + row,
        "ud/UD_English-ESL/en_esl-ud-train.conllu": "1\t_" + row,
        "ud/UD_English-GUM/en_gum-ud-train.conllu": "1\tb" + row,
        "ud/UD_German-GSD/de_gsd-ud-train.conllu": "1\tc" + row,
        "ud/UD_German-GSD/de_gsd-ud-test.conllu": "1\td" + row,
        "ud/UD_Latin-PROIEL/la_proiel-ud-test.conllu": "1\te" + row,
        "ud/UD_English-EWT/README.md": "",
    }
    (tmp_path / "ud-treebanks-v2.5.tgz").write_bytes(tar_of(files))
    unpack("tagger", tmp_path, tmp_path / "out")
    assert read_tree(tmp_path / "out") == {
        "en_train.conllu": "# text = a\n1\ta" + row + "1\tb" + row,
        "test/de_xtreme.conllu": "1\td" + row,
    }


def test_xtreme_treebanks_without_an_empty_line_at_their_end(tmp_path):
    rows = [f"1\t{form}\t_\tNOUN\t_\t_\t0\troot\t_\t_\n" for form in "ab_c"]
    files = {
        "ud/UD_English-EWT/en_ewt-ud-train.conllu": rows[0] + "\n" + rows[1],
        "ud/UD_English-ESL/en_esl-ud-train.conllu": rows[2],
        "ud/UD_English-GUM/en_gum-ud-train.conllu": rows[3].rstrip(),
    }
    (tmp_path / "ud-treebanks-v2.5.tgz").write_bytes(tar_of(files))
    unpack("tagger", tmp_path, tmp_path / "out")
    expected = "\n".join([rows[0], rows[1], rows[3], ""])
    assert read_tree(tmp_path / "out") == {"en_train.conllu": expected}


def test_xtreme_pawsx_keeps_english_training_and_all_test_sets(tmp_path):
    codes = ("de", "en", "es", "fr", "ja", "ko", "zh")
    names = ("train", "translated_train", "dev_2k", "test_2k")
    files = {f"x-final/{code}/{name}.tsv": f"{code} {name}\n" for code in codes for name in names}
    (tmp_path / "x-final.tar.gz").write_bytes(tar_of(files))
    unpack("pawsx", tmp_path, tmp_path / "out")
    assert read_tree(tmp_path / "out") == {
        "en_train.tsv": "en train\n",
        "en_dev.tsv": "en dev_2k\n",
        **{f"test/{code}_xtreme.tsv": f"{code} test_2k\n" for code in codes},
    }


def test_xtreme_xnli_keeps_english_training_and_all_test_sets(tmp_path):
    train = 'premise\thypo\tlabel\n"A" b .\tC .\tcontradictory\n'
    header = "language\tgold_label\tsentence1\tsentence2\n"
    rows = {"en": "en\tneutral\tA\tB\u2028b\n", "de": "de\tneutral\tC\tD\n"}
    texts = header + rows["de"] + rows["en"]
    zip_to(tmp_path / "XNLI-MT-1.0.zip", {"XNLI-MT-1.0/multinli/multinli.train.en.tsv": train})
    zip_to(tmp_path / "XNLI-1.0.zip", {f"XNLI-1.0/xnli.{s}.tsv": texts for s in ("dev", "test")})
    unpack("xnli", tmp_path, tmp_path / "out")
    assert read_tree(tmp_path / "out") == {
        "en_train.tsv": train,
        "dev.tsv": header + rows["en"],
        "test/xtreme.tsv": texts,
    }
