"""Write configs/*.cfg anew, from the template and the table in spacy_dlfa/configs.

python scripts/configs.py
"""

from pathlib import Path

from spacy_dlfa.configs.render import project_config, settings

CONFIGS = Path(__file__).parent.parent / "configs"


def write() -> None:
    """Write each config of the table."""
    for name in settings()["configs"]:
        (CONFIGS / f"{name}.cfg").write_text(project_config(name), encoding="utf8", newline="\n")


if __name__ == "__main__":
    write()
