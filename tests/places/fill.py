"""Fills the @MARKS@ of a template with synthetic credentials and random look-alikes."""
import base64
import random
import re
import string
import urllib.parse
import uuid

BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
BASE64 = string.ascii_letters + string.digits + "+/"
ALPHABETS = {
    "hex": "0123456789abcdef", "HEX": "0123456789ABCDEF", "b64": BASE64, "b64u": string.ascii_letters + string.digits + "-_",
    "b32": BASE32, "alnum": string.ascii_letters + string.digits, "upper": string.ascii_uppercase + string.digits,
    "lower": string.ascii_lowercase, "lowerdigit": string.ascii_lowercase + string.digits, "digits": string.digits,
}
CANARY_ACCOUNTS = (171436882533, 534261010715, 893192397702)
CREDENTIAL = re.compile(r"@(ID|SECRET|ASIA|TOKEN|OLD|GOV|FIRST|LETTERS|SMTP|CANARY|MOTO|LOCALSTACK)(\d?)(?:\[(\d*):(\d*)\])?((?::[A-Za-z0-9]+)*)@")
RANDOM = re.compile(r"@(uuid|(hex|HEX|b64u|b64|b32|alnum|upper0|upper|lowerdigit|lower|digits|word|fill)-?(\d+))@")


def key_id(rng, prefix, account=None):
    """A key ID of the new generation; every one that AWS could make can be drawn."""
    account = rng.randrange(10 ** 12) if account is None else account
    head = 1 << 47 | account << 7 | rng.getrandbits(7)
    return prefix + base64.b32encode(head.to_bytes(6, "big") + rng.getrandbits(32).to_bytes(4, "big")).decode()


def old_id(rng, letters):
    return "AKIA" + rng.choice(letters) + "".join(rng.choice(BASE32) for _ in range(14)) + rng.choice("AQ")


def letters_id(rng):
    """One without any digit: rare, and easily mistaken for a word."""
    while True:
        text = "AKIA" + rng.choice("QRSTUVWXYZ") + "".join(rng.choice(string.ascii_uppercase) for _ in range(15))
        if int.from_bytes(base64.b32decode(text[4:])[:6], "big") & 0x7FFFFFFFFF80 <= 999999999999 << 7:
            return text


def token(rng):
    first = "IQoJb3JpZ2luX2Vj" if rng.random() < 0.8 else rng.choice(["AgoJb3JpZ2luX2Vj", "FwoGZXIvYXdz", "FwoDYXdz", "FQoDYXdz"])
    return first + "".join(rng.choice(BASE64) for _ in range(4 * rng.randrange(80, 250) + 2))


def draw(rng, name):
    return {
        "ID": lambda: key_id(rng, "AKIA"),
        "ASIA": lambda: key_id(rng, "ASIA"),
        "OLD": lambda: old_id(rng, "IJ"),
        "GOV": lambda: old_id(rng, "ABCDEFGH"),
        "FIRST": lambda: rng.choice("01") + "".join(rng.choice(CROCKFORD) for _ in range(17)) + rng.choice("08GR") + "2",
        "LETTERS": lambda: letters_id(rng),
        "CANARY": lambda: key_id(rng, "AKIA", rng.choice(CANARY_ACCOUNTS)),
        "MOTO": lambda: key_id(rng, "AKIA", 123456789012),
        "LOCALSTACK": lambda: key_id(rng, "AKIA", 0),
        "SECRET": lambda: "".join(rng.choice(BASE64) for _ in range(40)),
        "TOKEN": lambda: token(rng),
        "SMTP": lambda: base64.b64encode(b"\4" + rng.randbytes(32)).decode(),
    }[name]()


def in_hex(text, before, after=""):
    return "".join(c if c.isalnum() else f"{before}{ord(c):0{4 if before[0] == chr(92) else 2}x}{after}" for c in text)


CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
FILTERS = {
    "url": lambda v: urllib.parse.quote(v, safe=""),
    "html": lambda v: v.replace("+", "&#43;").replace("/", "&#x2F;"),
    "hex": lambda v: in_hex(v, "&#x", ";"),
    "uni": lambda v: in_hex(v, "\\u"),
    "all": lambda v: "".join(f"\\x{ord(c):02x}" for c in v),
    "units": lambda v: "".join(f"\\u{ord(c):04X}" for c in v),
    "braces": lambda v: "".join(f"\\u{{{ord(c):x}}}" for c in v),
    "entities": lambda v: "".join(f"&#{ord(c)};" for c in v),
    "percents": lambda v: "".join(f"%{ord(c):02X}" for c in v),
    "slash": lambda v: v.replace("/", "\\/"),
    "b64": lambda v: base64.b64encode(v.encode()).decode(),
    "nl": lambda v: v + "\n",
    "lower": lambda v: re.sub("%..", lambda m: m[0].lower(), v),
}


def look_alike(rng, kind, size):
    if kind == "word":
        return "".join(rng.choice("bdfgklmnprst") + rng.choice("aeiou") for _ in range(size))[:size]
    if kind == "fill":
        return "\n".join(f"setting_{i} = {rng.randrange(1000)}" for i in range(size))
    if kind == "upper0":                # with a digit that no key ID has
        return "".join(rng.choice(BASE32) for _ in range(size - 1)) + rng.choice("0189")
    return "".join(rng.choice(ALPHABETS[kind]) for _ in range(size))


def fill(template, rng):
    """The text, and the values drawn: {"ID": ..., "SECRET2": ...}."""
    values = {}

    def value(name):
        if name not in values:
            values[name] = draw(rng, name.rstrip("0123456789"))
        return values[name]

    def credential(m):
        text = value(m[1] + m[2])
        if m[3] is not None:
            text = text[int(m[3] or 0):int(m[4]) if m[4] else None]
        words = m[5].split(":")[1:]
        while words:
            word = words.pop(0)
            text = text + ":" + value(words.pop(0)) if word == "colon" else FILTERS[word](text)
        return text

    def other(m):
        return str(uuid.UUID(int=rng.getrandbits(128), version=4)) if m[1] == "uuid" else look_alike(rng, m[2], int(m[3]))

    text = RANDOM.sub(other, CREDENTIAL.sub(credential, template))
    return text.replace("^[", "\x1b"), values


def line_of(template, name):
    """1-based line where the value of that name is first written; @fill@ is the only mark that brings lines of its own."""
    before = template[:re.search(f"@{name}(?!\\d)", template).start()]
    return 1 + before.count("\n") + sum(int(m[3]) - 1 for m in RANDOM.finditer(before) if m[2] == "fill")
