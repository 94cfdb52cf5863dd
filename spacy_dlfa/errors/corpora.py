"""Errors of corpora; those of a line have the file and the line in front."""

from spacy_dlfa.errors.message import Message


class CorporaErrors:
    """Corpora."""

    DL101 = Message(
        "found byte 0x{byte:02x}, which isn't UTF-8; expected a file saved as UTF-8",
        cause="The file was saved in another encoding, such as Latin-1 or UTF-16.",
        remedy="Save it as UTF-8, or convert it: `iconv -f latin1 -t utf8 old.tsv > new.tsv`.",
    )
    DL102 = Message(
        "found a line of {longest:,} bytes or more; expected a sentence or word on each line",
        cause=(
            "A line is longer than any text that spaCy takes; most often the file has no line "
            "ends, or is no text file."
        ),
        remedy="Put a sentence or a word on each line, or split the text.",
    )
    DL103 = Message(
        "found the end of a file without sentences; expected {kind}",
        cause="The file holds comments or blank lines alone, or nothing.",
        remedy="Give a file with sentences. If it was copied, compare its size with the source.",
    )
    DL104 = Message(
        "found a sentence's end; expected words below its comments",
        cause="Comments such as `# text = ...` stand above a blank line, with no words between.",
        remedy="Put the words below the comments, or remove the comments.",
    )
    DL105 = Message(
        "found a carriage return inside a line; expected lines that end in LF or CRLF",
        cause="The file has the line ends of old Macs, CR alone, or was converted from CRLF twice.",
        remedy="Convert the line ends, as `tr '\\r' '\\n' < old.iob2 > new.iob2` does.",
    )
    DL110 = Message(
        "found {num_columns} column(s); expected 10, set apart by tabs",
        cause=(
            "CoNLL-U has ten columns set apart by tabs. An editor may have turned tabs into spaces."
        ),
        remedy="Write ten columns, with `_` for an empty one, and tabs between.",
    )
    DL111 = Message(
        "found an empty form; expected a word in column {column}",
        cause="The column of the word is empty.",
        remedy="Write the word in the column that the message names, or remove the line.",
    )
    DL112 = Message(
        "found tag {upos!r}; expected one of {known}, or _ for none, in column 4",
        cause="The tag is not one of Universal Dependencies' 17.",
        remedy=(
            "Write one of the tags in the message in column 4, or `_` for none. `python -m spacy "
            "convert` takes tags of other schemes, in column 5."
        ),
    )
    DL113 = Message(
        "found head {head!r}; expected a word's number, 0 or _ in column 7",
        cause="Column 7 is the number of the word's head.",
        remedy="Write a number, 0 for the root or `_` for none.",
    )
    DL114 = Message(
        "found id {id!r}; expected {expected}, or a blank line before it",
        cause=(
            "Words of a sentence count up from 1. Here one is missing or twice, or the blank line "
            "between two sentences is missing."
        ),
        remedy="Number the words anew, or put a blank line before the next sentence.",
    )
    DL115 = Message(
        "found a sentence without words; expected a line with id 1",
        cause="A sentence has multiword tokens or empty nodes, and no word.",
        remedy="Add the words, numbered from 1, or remove the sentence.",
    )
    DL116 = Message(
        "found multiword token {id} without all of its words; expected them below it, and no "
        "other in between",
        cause="A range such as `3-4` must stand right above all of its words.",
        remedy="Put the words of the range below it, one after the other.",
    )
    DL117 = Message(
        "found the tag {tag} alone in all of the file; expected one of {known} in column 4",
        cause="No word of the file has a tag, so that a tagger has nothing to learn.",
        remedy=(
            "Give a treebank of Universal Dependencies, with tags in column 4. `python -m spacy "
            "convert` takes tags of other schemes, in column 5."
        ),
    )
    DL120 = Message(
        "found lines of {mark} alone; expected {expected}",
        cause="The file has marks between documents, and no sentence.",
        remedy="Give a file with words and tags.",
    )
    DL121 = Message(
        "found no column of tags in {line!r}; expected a word and its tag (O, B-LABEL or "
        "I-LABEL), or Universal NER's five columns with tabs between them; python -m spacy convert "
        "reads other forms",
        cause="No column looks like `O`, `B-PER` or `I-PER` in most lines.",
        remedy=(
            "Write a word and its tag on each line, or Universal NER's number, word, tag and two "
            "more columns with tabs between. Turn other forms into `.spacy` with "
            "`python -m spacy convert`."
        ),
    )
    DL122 = Message(
        "found {num_found} column(s); expected {num_expected}, as above, set apart by {separator}",
        cause=(
            "A line has another number of columns than most lines above. A word with a space "
            "inside, or a missing tag, does that."
        ),
        remedy="Mend the line. Words with spaces need tabs between the columns.",
    )
    DL123 = Message(
        "found {num_columns} column(s); expected 5, or 3 if the tag is O, set apart by tabs",
        cause=(
            "Universal NER's files have five columns set apart by tabs, or three for a word "
            "outside of entities."
        ),
        remedy="Mend the line, and keep tabs between the columns.",
    )
    DL124 = Message(
        "found token number {token!r}; expected {index}, or a blank line before it",
        cause=(
            "Words of a sentence count up from 1. Here one is missing or twice, or the blank line "
            "between two sentences is missing."
        ),
        remedy="Number the words anew, or put a blank line before the next sentence.",
    )
    DL125 = Message(
        "found 3 columns with tag {tag!r}; expected 5 columns, as it isn't O",
        cause="A line of an entity is cut short, as at the end of a file that was copied in part.",
        remedy=(
            "Copy the file again. If it has no more columns than number, word and tag, remove the "
            "numbers."
        ),
    )
    DL126 = Message(
        "found tag {tag!r}; expected O, -, B-LABEL or I-LABEL in column {column}",
        cause="A tag must be `O`, or B- or I- and a label; E-, S-, L-, U- and M- work too.",
        remedy="Write the tag in that form, such as `B-PER`, in the column that the message names.",
    )
    DL130 = Message(
        "found the columns {columns!r}; expected a header with a column text (or sentence1 and "
        "sentence2), a column label and, if you like, id and language, set apart by tabs",
        cause=(
            "The first line must name the columns, and the text or the label can't be told from "
            "these names."
        ),
        remedy=(
            "Write a header such as `text`, tab, `label`; for pairs `sentence1`, `sentence2`, "
            "`label`. See [your own data](your-own-data.md)."
        ),
    )
    DL131 = Message(
        "found the end of a file without rows; expected rows of texts",
        cause="The table has a header, or nothing.",
        remedy="Give a file with rows of texts.",
    )
    DL132 = Message(
        "found {num_columns} column(s); expected {num_expected}, as in the first line",
        cause="A row has another number of columns than the header. A tab inside a text does that.",
        remedy="Replace tabs inside of texts by spaces, or quote the columns as in CSV.",
    )
    DL133 = Message(
        "found label {label!r}; expected a label of no more than {longest} characters in column "
        "{column}",
        cause="The label is empty, `-`, or so long that it must be a text in the wrong column.",
        remedy="Give the row a label, or remove the row. Look whether the columns have moved.",
    )
    DL134 = Message(
        "found language {language!r}; expected a code like de",
        cause="The column `language` becomes a part of a file's name, so it must be a code.",
        remedy="Write codes such as `de`, `deu` or `pt-BR`.",
    )
    DL135 = Message(
        "found a row that can't be read ({error}); expected quotation marks as in CSV, a row on "
        "each line, and no more than {longest:,} characters in a column",
        cause=(
            "Some column is quoted as in CSV, and in this row the quotation marks don't match, or "
            "a column is too long."
        ),
        remedy='Double each `"` inside of a quoted text, and close the last one in the same line.',
    )
    DL136 = Message(
        "found more than {most} labels in column {column}; expected the same ones again and again",
        cause=(
            "So many different labels are no classes; the column of the label most likely holds "
            "texts or numbers."
        ),
        remedy="Name the right column `label` in the header.",
    )
    DL137 = Message(
        "found label {label!r}; expected one of {labels}",
        cause="The first rows say which labels the table has, and this one is another.",
        remedy=(
            "Write one of the labels in the message, or use one set of labels in all of the file."
        ),
    )
    DL138 = Message(
        "found an empty text; expected a text in column {column}",
        cause="A row has a label, and its text is empty or white space.",
        remedy="Write the text, or remove the row.",
    )
    DL140 = Message(
        "{path}: found the suffix {suffix!r}; expected one of {suffixes}",
        cause="The kind of a corpus is told by the end of its name.",
        remedy=(
            "Rename the file, as to `train.conllu`, `train.iob2` or `train.tsv`, to one of the "
            "ends in the message: CoNLL-2003 to `.iob2`. Of JSON lines [a few lines of Python]"
            "(your-own-data.md#from-json-lines) make `.spacy`."
        ),
    )
    DL141 = Message(
        "{source}: found no entity to keep, but {dropped}; expected --labels with some of them, "
        "or --labels {all}",
        cause=(
            "All entities have labels that are not kept; without `--labels` those for other and "
            "uncertain entities fall out."
        ),
        remedy="Add `--labels PERSON,GPE` with labels of the file, or `--labels all`.",
    )
    DL142 = Message(
        "{source}: found a column of languages, and --language {language}; expected one of the two",
        cause="The table says the language of each row, and the command another one.",
        remedy="Leave out `--language`, or remove the column.",
    )
    DL143 = Message(
        "{source}: found {target} already made of another source; expected different names, or "
        "two --output folders",
        cause="Two sources would be written to one file, since they have the same name.",
        remedy="Rename one of them, or convert them one at a time, to two `--output` folders.",
    )
    DL190 = Message(
        "found {found}; expected {expected}",
        cause=(
            "A line of a file that encoders are trained from is not of the form that its reader "
            "expects."
        ),
        remedy=(
            "Mend the line that the message names, or copy the file from its source again. The "
            "forms are in [the encoders](backbone.md)."
        ),
    )
    DL191 = Message(
        "{path}: found no test file; expected some of {suffixes} in it",
        cause="A folder of test sentences to keep out of training has no file of a known kind.",
        remedy="Check the path; the files' names must end as the message says.",
    )
