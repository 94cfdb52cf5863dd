"""Errors of corpora; those of a line have the file and the line in front."""

from spacy_dlfa.errors.message import Message


class CorporaErrors:
    """Corpora."""

    DL101 = Message("found byte 0x{byte:02x}, which isn't UTF-8; expected a file saved as UTF-8")
    DL102 = Message(
        "found a line of {longest:,} bytes or more; expected a sentence or word on each line"
    )
    DL103 = Message("found the end of a file without sentences; expected {kind}")
    DL104 = Message("found a sentence's end; expected words below its comments")
    DL105 = Message("found a carriage return inside a line; expected lines that end in LF or CRLF")
    DL110 = Message("found {num_columns} column(s); expected 10, set apart by tabs")
    DL111 = Message("found an empty form; expected a word in column {column}")
    DL112 = Message("found tag {upos!r}; expected one of {known}, or _ for none, in column 4")
    DL113 = Message("found head {head!r}; expected a word's number, 0 or _ in column 7")
    DL114 = Message("found id {id!r}; expected {expected}, or a blank line before it")
    DL115 = Message("found a sentence without words; expected a line with id 1")
    DL116 = Message(
        "found multiword token {id} without all of its words; expected them below it, and no "
        "other in between"
    )
    DL117 = Message(
        "found the tag {tag} alone in all of the file; expected one of {known} in column 4"
    )
    DL120 = Message("found lines of {mark} alone; expected {expected}")
    DL121 = Message(
        "found no column of tags in {line!r}; expected a word and its tag (O, B-LABEL or "
        "I-LABEL), or Universal NER's five columns with tabs between them; python -m spacy convert "
        "reads other forms"
    )
    DL122 = Message(
        "found {num_found} column(s); expected {num_expected}, as above, set apart by {separator}"
    )
    DL123 = Message(
        "found {num_columns} column(s); expected 5, or 3 if the tag is O, set apart by tabs"
    )
    DL124 = Message("found token number {token!r}; expected {index}, or a blank line before it")
    DL125 = Message("found 3 columns with tag {tag!r}; expected 5 columns, as it isn't O")
    DL126 = Message("found tag {tag!r}; expected O, -, B-LABEL or I-LABEL in column {column}")
    DL130 = Message(
        "found the columns {columns!r}; expected a header with a column text (or sentence1 and "
        "sentence2), a column label and, if you like, id and language, set apart by tabs"
    )
    DL131 = Message("found the end of a file without rows; expected rows of texts")
    DL132 = Message("found {num_columns} column(s); expected {num_expected}, as in the first line")
    DL133 = Message(
        "found label {label!r}; expected a label of no more than {longest} characters in column "
        "{column}"
    )
    DL134 = Message("found language {language!r}; expected a code like de")
    DL135 = Message(
        "found a row that can't be read ({error}); expected quotation marks as in CSV, a row on "
        "each line, and no more than {longest:,} characters in a column"
    )
    DL136 = Message(
        "found more than {most} labels in column {column}; expected the same ones again and again"
    )
    DL137 = Message("found label {label!r}; expected one of {labels}")
    DL138 = Message("found an empty text; expected a text in column {column}")
    DL140 = Message("{path}: found the suffix {suffix!r}; expected one of {suffixes}")
    DL141 = Message(
        "{source}: found no entity to keep, but {dropped}; expected --labels with some of them, "
        "or --labels {all}"
    )
    DL142 = Message(
        "{source}: found a column of languages, and --language {language}; expected one of the two"
    )
    DL143 = Message(
        "{source}: found {target} already made of another source; expected different names, or "
        "two --output folders"
    )
    DL190 = Message("found {found}; expected {expected}")
    DL191 = Message("{path}: found no test file; expected some of {suffixes} in it")
