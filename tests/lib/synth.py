"""Synthetic AWS credentials: well-formed, made of a seeded generator, never anybody's.

A key ID of the new generation is a prefix and 80 bits in base32: bit 0 set, then the 40 bits of the account number,
then 39 bits of anything.
"""
import base64
import string

SECRET_ALPHABET = string.ascii_letters + string.digits + string.ascii_letters + string.digits + "/+"


def key_id(rng, prefix="AKIA"):
    while True:
        account = rng.randrange(100000000000, 999999999999)
        head = 1 << 47 | account << 7 | rng.getrandbits(7)
        text = prefix + base64.b32encode(head.to_bytes(6, "big") + rng.getrandbits(32).to_bytes(4, "big")).decode()
        if sum(c in "234567" for c in text) >= 2 and len(set(text)) >= 12:
            return text


def secret(rng):
    while True:
        text = "".join(rng.choice(SECRET_ALPHABET) for _ in range(40))
        classes = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
        if len(set(text)) >= 22 and all(sum(c in k for c in text) >= 5 for k in classes) and sum(c in "/+" for c in text) <= 2:
            return text


def block(key, secret_key):
    """The pair as it stands in a credentials file."""
    return f"aws_access_key_id = {key}\naws_secret_access_key = {secret_key}\n"
