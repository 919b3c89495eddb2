"""What stands in a text, found the plain way: regular expressions over all of it.

The generator makes only texts that have one reading: two halves of a credential are on neighbouring lines (a pair), or
there are halves of one sort only, so that nobody could pair them. So this module is short enough to be believed.
"""
import base64
import re

GAP = 3000  # bytes between credentials that do not belong together

ID = re.compile(rb"(?<![A-Za-z0-9])((?:AKIA|ASIA)[A-Z2-7]{16})(?![A-Za-z0-9])")
SECRET = re.compile(rb"aws_secret_access_key = ([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])")
RUN = re.compile(rb"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])")
BETWEEN = b"\naws_secret_access_key = "
BARE = re.compile(rb"(?:\A|\n)window lamp ([A-Za-z0-9/+]{40}) stone(?=\n|\Z)")  # what only --entropy finds


def valid_id(text):
    """The generation bit and the account number that a new-style key ID carries."""
    head = int.from_bytes(base64.b32decode(text[4:])[:6], "big")
    return head >> 47 == 1 and (head & 0x7FFFFFFFFF80) >> 7 <= 999999999999


def find(text, bare=True):
    """Credentials as (key ID or None, secret or None, offset of the first half), in order; secrets that nothing speaks for if asked."""
    secrets = {m.start(): m for m in SECRET.finditer(text)}
    out = []
    for m in ID.finditer(text):
        if not valid_id(m.group(1)):
            continue
        mate = secrets.pop(m.end() + 1, None) if text.startswith(BETWEEN, m.end()) else None
        out.append((m.group(1), mate.group(1) if mate else None, m.start(1)))
    out += [(None, m.group(1), m.start(1)) for m in secrets.values()]
    out += [(None, m.group(1), m.start(1)) for m in BARE.finditer(text) if bare]
    return sorted(out, key=lambda c: c[2])


def clear(text):
    """Has the text one reading only?"""
    found = find(text)
    places = [c[2] for c in found]
    if any(b - a < GAP for a, b in zip(places, places[1:])):
        return False
    if any(not c[0] for c in found) and any(not c[1] for c in found):
        return False
    named = {m.start(1) for m in SECRET.finditer(text)} | {m.start(1) for m in BARE.finditer(text)}
    return all(m.start() in named for m in RUN.finditer(text))  # a secret whose name was cut


def typical(secret):
    """Far from all that random characters do by chance and words do on purpose, so that no filter takes it."""
    kinds = ["l" if c.islower() else "u" if c.isupper() else "d" if c.isdigit() else "s" for c in secret]
    return sum(a != b for a, b in zip(kinds, kinds[1:])) > 18 and not re.search("[0-9a-f]{8}|[0-9A-F]{8}|[a-z]{8}", secret)


def line_of(text, offset):
    return text.count(b"\n", 0, offset) + 1
