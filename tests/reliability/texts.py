"""Texts that hurt, by the number of the fault in docs/reliability.md."""

import base64
import random
import unicodedata

EMOJI = "👩‍👩‍👧‍👦 🏳️‍🌈 🇳🇴 👍🏿 𝕬𝖓𝖓𝖆 works"
CONTROLS = [chr(code) for code in (*range(0x20), 0x7F, 0x85, 0xAD, 0x200B, 0x2060, 0xFEFF, 0xFFFD)]
BYTES = random.Random(0).randbytes(30_000)

#: Fault, name and text
TEXTS = [
    (1, "empty", ""),
    (4, "spaces", "   "),
    (4, "tabs and newlines", "\t\t\n\r\n \u00a0\u2003\u3000\u2028"),
    (5, "white space between words", "Anna \n\n lives \t in   Oslo ."),
    (9, "one word 800 times", "contact " * 800 + "Anna lives in Oslo ."),
    (9, "1000 newlines", "\r\n" * 1000 + "Anna lives in Oslo ."),
    (10, "Chinese", "我住在北京。" * 100),
    (10, "Japanese", "彼女は東京で働いています。" * 50),
    (10, "Thai", "เธอทำงานที่กรุงเทพมหานคร" * 50),
    (11, "control characters", " ".join(CONTROLS)),
    (11, "control characters in words", "".join(f"An{char}na" for char in CONTROLS)),
    (13, "emoji and other planes", EMOJI),
    (14, "NFC", unicodedata.normalize("NFC", "Zoë Čapek à Århus")),
    (14, "NFD", unicodedata.normalize("NFD", "Zoë Čapek à Århus")),
    (14, "a thousand accents on one letter", "Z" + "\u0301" * 1000 + " lives in Oslo"),
    (15, "right to left", "أنا أسكن في القاهرة وهي تعمل في תל אביב"),
    (15, "overrides of direction", "Anna \u202elives\u202c in \u2067Oslo\u2069 ."),
    (16, "letters that grow in lower case", "İstanbul ılık Straße ΟΔΟΣ Anna"),
    (17, "special tokens", "[CLS] [SEP] [MASK] [PAD] [UNK] <s> </s> <mask> ##ing Anna"),
    (18, "a table of digits", "1234567890 \t 0.000001 ; " * 1000),
    (20, "markup", "<div class='a'><p>Anna&nbsp;lives</p></div>\n" * 200),
    (20, "base64", base64.b64encode(BYTES).decode()),
    (20, "one letter 100,000 times", "a" * 100_000),
    (20, "scripts that no vocabulary has", "ᚠᚢᚦᚨᚱᚲ 𐎀𐎁𐎂 ꦲꦏ꧀ꦱꦫ 𓀀𓁐"),
]
