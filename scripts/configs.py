"""Write configs/*.cfg anew, from the template and the table in spacy_dlfa/configs.

python scripts/configs.py
"""

from pathlib import Path

from spacy_dlfa.configs.render import layer_of, render, settings

CONFIGS = Path(__file__).parent.parent / "configs"


def project_config(name: str) -> str:
    """Make the text of `configs/NAME.cfg`."""
    row = settings()["configs"][name]
    if row.get("xtreme"):
        header = [
            f"{row['about']} as in XTREME (Hu et al. 2020), with multilingual BERT: `python -m "
            f"spacy project run {name}`, after `python -m spacy project assets --extra`. XTREME's "
            f"settings: learning rate 2e-5 with linear decay, batches of 32, {row['epochs']} "
            f"epochs, the checkpoint that is best on English dev. Trained on English, tested on "
            f"{row['languages']}."
        ]
    elif row.get("intermediate"):
        header = [
            f"{row['about']}: `python -m spacy dlfa intermediate`, which takes out a component "
            f"that no data is for. One recipe for all of them.",
            "Texts and pairs of all tasks have one component: a label that a text's own task does "
            "not have is no mistake.",
        ]
    elif row.get("sourced"):
        header = [
            f"{row['about']}, trained on English only: `python -m spacy project run train-{name}`. "
            f"Steps and rates are those of joint.cfg.",
            "[vars] backbone is the pipeline of the first stage, made by frozen.cfg: its "
            "components and its encoder learn on from there.",
        ]
    else:
        header = [
            f"{row['about']}, trained on English only: `python -m spacy project run train-{name}`.",
            "[vars] are the project's variables; everything else is spaCy's own.",
        ]
    if row.get("partial"):
        header.append(
            "Each sentence has the annotation of one task, and each component learns from its own "
            "sentences."
        )
    layers = {
        component: row.get("layers", {}).get(component, row.get("layer", layer_of(component)))
        for component in row["components"]
    }
    return render(header, layers, row)


def write() -> None:
    """Write each config of the table."""
    for name in settings()["configs"]:
        (CONFIGS / f"{name}.cfg").write_text(project_config(name), encoding="utf8", newline="\n")


if __name__ == "__main__":
    write()
