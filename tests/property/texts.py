"""What stands in a text, found the plain way: regular expressions over all of it.

The generator makes only texts that have one reading: two halves of a credential are either on neighbouring lines (a
pair) or further apart than any rule of pairing looks. So this module is short enough to be believed.
"""
import base64
import re

GAP = 20000  # bytes between credentials that do not belong together

ID = re.compile(rb"(?<![A-Za-z0-9])((?:AKIA|ASIA)[A-Z2-7]{16})(?![A-Za-z0-9])")
SECRET = re.compile(rb"aws_secret_access_key = ([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])")
BETWEEN = b"\naws_secret_access_key = "


def valid_id(text):
    """The generation bit and the account number that a new-style key ID carries."""
    head = int.from_bytes(base64.b32decode(text[4:])[:6], "big")
    return head >> 47 == 1 and (head & 0x7FFFFFFFFF80) >> 7 <= 999999999999


def find(text):
    """Credentials as (key ID or None, secret or None, offset of the first half), in order."""
    secrets = {m.start(): m for m in SECRET.finditer(text)}
    out = []
    for m in ID.finditer(text):
        if not valid_id(m.group(1)):
            continue
        mate = secrets.pop(m.end() + 1, None) if text.startswith(BETWEEN, m.end()) else None
        out.append((m.group(1), mate.group(1) if mate else None, m.start(1)))
    out += [(None, m.group(1), m.start(1)) for m in secrets.values()]
    return sorted(out, key=lambda c: c[2])


def clear(text):
    """Has the text one reading only?"""
    places = [c[2] for c in find(text)]
    return all(b - a >= GAP for a, b in zip(places, places[1:]))


def line_of(text, offset):
    return text.count(b"\n", 0, offset) + 1
