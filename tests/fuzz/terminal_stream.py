"""Reads what a terminal is sent, and says what of it nobody meant."""

from __future__ import annotations

import codecs
import re
import unicodedata
from base64 import b64decode

from msgspec import Struct

_TOKEN = re.compile(
    "(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    "|\x1b\\[(?P<sgr>[0-9;]*)m"
    "|\x1b\\[(?P<row>[0-9]*)(?:;(?P<column>[0-9]+))?H"
    "|\x1b\\[(?P<cells>[0-9]*)[ABCDG]"
    "|\x1b\\[\\?(?P<mode>[0-9]+)(?P<switch>[hl])"
    "|\x1b\\[\\?(?P<question>[0-9]+)\\$p"
    "|\x1b\\[(?P<keyboard>[<>][0-9]*)u"
    "|\x1b\\]22;(?P<pointer>[a-z-]+)\x07"
    "|(?P<saved>\x1b\\[2[23];0t)"
    "|\x1b\\]0;(?P<title>[^\x00-\x1f\x7f-\x9f]{0,80})\x07"
    "|(?P<progress>\x1b\\]9;4;[0-3];[0-9]{1,3}\x1b\\\\)"
    "|\x1b\\]52;c;(?P<copied>[A-Za-z0-9+/=]*)\x07"
    "|(?P<line>\r\n)"
)

_UNFINISHED = re.compile("\x1b(?:\\[[?<>]?[0-9;]*\\$?|\\]0;[^\x00-\x1f]*|\\][0-9a-z;-]*)?\\Z")
"""What a program that is still writing has not written to its end."""

MODES = {"7", "25", "1000", "1003", "1004", "1006", "1015", "1016", "1049", "2004", "2026", "2048"}
QUESTIONS = {"1004", "2026", "2048"}
KEYBOARD = {"<", ">25"}
_LOOKS = re.compile(r"(?:0|1|2|3|4|7|9|2[2-57-9]|[34][0-79]|9[0-7]|10[0-7]|[34]8;2;\d+;\d+;\d+|[34]8;5;\d+)?")
_PART = re.compile(r"[34]8;2;\d+;\d+;\d+|[34]8;5;\d+|\d+")
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)


class Stream(Struct):
    """What a terminal was sent."""

    foreign: list[str]
    """What no part of graphtop means to send, as it came."""
    copied: list[str]
    """What was sent to the clipboard."""
    switches: list[str]
    """Every private mode in order: `25l`."""
    colours: set[str]
    """Every colour that was asked for: `38;2;1;2;3`."""
    text: str
    """All that was drawn."""
    bells: int = 0


def read(raw: bytes, *, width: int, height: int) -> Stream:
    """Take apart what was written to a terminal of a size; nothing is passed over."""
    written = _UNFINISHED.sub("", codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(raw))
    stream, parts, at = Stream([], [], [], set(), ""), list[str](), 0
    while at < len(written):
        token = _TOKEN.match(written, at)
        if token is None:
            if written[at] == "\x07":
                stream.bells += 1
            else:
                stream.foreign.append(written[at : at + 20])
            at += 1
            continue
        at = token.end()
        _note(stream, token, width, height)
        if token["text"]:
            parts.append(token["text"])
    stream.text = "".join(parts)
    return stream


def unmeant(text: str) -> list[str]:
    """The characters of a drawn text that are not to be seen, or of no certain width."""
    if text.isascii():
        return [] if text.isprintable() else [ascii(sign) for sign in text if not sign.isprintable()]
    bad = [sign for sign in text if unicodedata.category(sign)[0] == "C"]
    bad += [sign for sign in text if unicodedata.category(sign) in ("Zl", "Zp")]
    return [ascii(sign) for sign in (*bad, *_INVISIBLE.findall(text))]


def _note(stream: Stream, token: re.Match[str], width: int, height: int) -> None:
    """Judge one token."""
    wrong = False
    if token["text"]:
        stream.foreign += unmeant(token["text"])
    elif token["sgr"] is not None:
        wrong = not all(_LOOKS.fullmatch(part) for part in _PART.findall(token["sgr"]))
        stream.colours.update(
            part for part in _PART.findall(token["sgr"]) if re.match(r"[34][0-8]|9|10", part) and part != "3"
        )
    elif token["row"] is not None:
        wrong = int(token["row"] or 1) > height or int(token["column"] or 1) > width
    elif token["cells"] is not None:
        wrong = int(token["cells"] or 1) > max(width, height)
    elif token["title"]:
        stream.foreign += unmeant(token["title"])
    elif token["mode"]:
        stream.switches.append(token["mode"] + token["switch"])
        wrong = token["mode"] not in MODES
    elif token["question"]:
        wrong = token["question"] not in QUESTIONS
    elif token["keyboard"]:
        wrong = token["keyboard"] not in KEYBOARD
    elif token["copied"] is not None:
        stream.copied.append(b64decode(token["copied"]).decode())
    if wrong:
        stream.foreign.append(token[0])
