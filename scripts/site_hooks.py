"""What `mkdocs build` does besides: files of the repository that pages link to, and commands.

On GitHub a page of docs/ links to `../examples/entities.py`. The site has such a file, too: text
of programs as a page of its own, Markdown as a page, all else as it is.
"""

import posixpath
import re
import subprocess
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
DOCS = "docs"
#: Where the site has what lies outside docs/
REPOSITORY = "repository"
SHOWN = {".py": "python", ".yml": "yaml", ".cfg": "ini", ".toml": "toml", ".cff": "yaml"}
COMMANDS = "<!-- commands -->"
_LINK = re.compile(r"(\]\(\s*)([^)\s#]+)((?:#[^)\s]*)?\))")
_FOLD = re.compile(r"^<details>$", re.MULTILINE)
_FENCED = re.compile(r"^(`{3,})[^\n]*\n.*?^\1$", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what pages link to outside docs/, and what that links to."""
    waiting = [file for file in files if file.src_uri.endswith(".md")]
    while waiting:
        page = waiting.pop()
        source = source_of(page.src_uri)
        for target in linked(source, (ROOT / source).read_text(encoding="utf8")):
            uri = uri_of(target)
            if files.get_file_from_path(uri) or target.startswith(f"{DOCS}/"):
                continue
            added = add(target, uri, config)
            files.append(added)
            if target.endswith(".md"):
                waiting.append(added)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let links lead to where the site has their targets; fill in commands, and render folds."""
    if COMMANDS in markdown:
        markdown = markdown.replace(COMMANDS, describe_commands())
    if page.file.src_uri.endswith(".py.md"):
        return markdown
    source = source_of(page.file.src_uri)
    start = posixpath.dirname(page.file.src_uri)

    def lead(match: re.Match[str]) -> str:
        target = repository_path(source, match[2])
        if target is None:
            return match[0]
        return match[1] + posixpath.relpath(uri_of(target), start or ".") + match[3]

    # GitHub renders what is folded; here it has to be asked for
    return _FOLD.sub('<details markdown="1">', _LINK.sub(lead, markdown))


def source_of(src_uri: str) -> str:
    """Return the place in the repository of a page of the site."""
    if src_uri.startswith(f"{REPOSITORY}/"):
        return src_uri.removeprefix(f"{REPOSITORY}/")
    return f"{DOCS}/{src_uri}"


def uri_of(path: str) -> str:
    """Return the place on the site of a file of the repository."""
    if path.startswith(f"{DOCS}/"):
        return path.removeprefix(f"{DOCS}/")
    return f"{REPOSITORY}/{path}" + (".md" if Path(path).suffix in SHOWN else "")


def linked(source: str, markdown: str) -> list[str]:
    """Return the files of the repository that a page of it links to."""
    found = [repository_path(source, match[2]) for match in _LINK.finditer(markdown)]
    return [path for path in dict.fromkeys(found) if path]


def repository_path(source: str, link: str) -> str | None:
    """Return the file of the repository that a link leads to; None if there is none."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source), link))
    return path if (ROOT / path).is_file() else None


def add(path: str, uri: str, config: MkDocsConfig) -> File:
    """Make a file of the site of one of the repository."""
    language = SHOWN.get(Path(path).suffix)
    if language is None:
        return File.generated(
            config, uri, abs_src_path=str(ROOT / path), inclusion=InclusionLevel.NOT_IN_NAV
        )
    text = (ROOT / path).read_text(encoding="utf8")
    content = f"# {path}\n\n````{language}\n{text}````\n"
    return File.generated(config, uri, content=content, inclusion=InclusionLevel.NOT_IN_NAV)


def describe_commands() -> str:
    """Return what `--help` says of each command of `python -m spacy dlfa`."""
    typer = [sys.executable, "-m", "typer", "spacy_dlfa.cli", "utils", "docs"]
    made = subprocess.run(
        [*typer, "--name", "python -m spacy dlfa"], check=True, capture_output=True, text=True
    ).stdout
    # Its first part is a list of commands, which the page has by its headings
    commands = made[made.index("\n## ") :]
    return commands.replace("```console\n$ ", "```console\n")
