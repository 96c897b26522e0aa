"""What is wrong with the words of a command line, in plain sentences: argparse has its own jargon for it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from backend_adapters.sentences import end_sentence, join_sentences

_REQUIRED = "the following arguments are required: "
_ABOUT_ARGUMENT = re.compile(r"argument (?P<names>\S+): (?P<words>.*)", re.DOTALL)
_KNOWN_WORDS = {
    "expected one argument": "needs a value",
    "expected at least one argument": "needs at least one value",
    "ignored explicit argument": "takes no value",
    "invalid int value": "must be a whole number",
}
"""The beginnings of what argparse says of one argument, and how a person would say it."""


def explain_usage_error(message: str) -> str:
    """Return a message of argparse, or one of graphtop's own, as a sentence."""
    if message.startswith(_REQUIRED):
        names = message.removeprefix(_REQUIRED).split(", ")
        return f"{join_words(names, 'and')} {'is' if len(names) == 1 else 'are'} missing."
    about = _ABOUT_ARGUMENT.fullmatch(message)
    if about is None:
        return end_sentence(message)
    name, words = about["names"].rpartition("/")[2], about["words"]
    plain = next((plain for known, plain in _KNOWN_WORDS.items() if words.startswith(known)), words)
    return end_sentence(
        f"{name} {plain}" if plain != words or words.startswith("must ") else f"{name}: {words}"
    )


def explain_unknown_words(words: Sequence[str], flags: Collection[str], terms: Collection[str] = ()) -> str:
    """Return what is wrong with words that a command does not take.

    `flags` are those that it has, `terms` the names that can stand in its filter.
    """
    from tui.config.settings import suggest_nearest

    unknown = [word.partition("=")[0] for word in words if word.startswith("-")]
    if not unknown:
        return f"Too many words: {' '.join(words)}."
    noun = "option" if len(unknown) == 1 else "options"
    near = suggest_nearest(unknown[0], tuple(flags), cutoff=0.75) if len(unknown) == 1 else ""
    if not near and (name := unknown[0].lstrip("-")) in terms:
        near = f"A filter is written without dashes, such as {name}=…"
    return join_sentences(f"Unknown {noun} {join_words(unknown, 'and')}", near)


def explain_wrong_choice(value: object, choices: Sequence[str]) -> str:
    """Return what a value could have been instead: `"x" is unknown. Use success, finished or gone.`"""
    from tui.config.settings import suggest_nearest

    near = suggest_nearest(str(value), tuple(choices))
    return join_sentences(f'"{value}" is unknown. Use {join_words(choices, "or")}', near)


def join_words(words: Sequence[str], last: str) -> str:
    """`a, b and c`, with `last` before the last one."""
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)
