"""Ways in which a whole file is wrapped: bytes to bytes."""
import base64
import gzip
import html
import io
import json
import quopri
import random
import sqlite3
import tarfile
import tempfile
import textwrap
import urllib.parse
import zipfile


def zipped(data, name="conf/app.ini"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(zipfile.ZipInfo("README", (2020, 1, 1, 0, 0, 0)), b"nothing to see\n" * 9)
        z.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def prefixed(data, before):
    """A zip whose places are counted from the beginning of the file, as zipapp and `zip -A` write it."""
    out = io.BytesIO(before)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as z:
        z.writestr(zipfile.ZipInfo("__main__.py", (2020, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def crowded(data):
    """Among so many other hits that what is read in one go (a mebibyte) ends near it. They are the documentation's example."""
    line = b"v: " + base64.b64encode(b"AKIA" b"IOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCY" b"EXAMPLEKEY\n") + b"\n"
    return line * (((1 << 20) - 2000) // len(line)) + data + line * 90


def docx(data):
    """A word processor cuts text into runs at will, but not within a word."""
    runs = "".join(f'<w:r><w:t xml:space="preserve">{word} </w:t></w:r>' for word in data.decode().split())
    return zipped(f"<?xml version='1.0'?><w:document><w:body><w:p>{runs}</w:p></w:body></w:document>".encode(), "word/document.xml")


def xlsx(data):
    """Each cell is a shared string."""
    cells = "".join(f"<si><t>{word}</t></si>" for word in data.decode().split())
    return zipped(f"<sst>{cells}</sst>".encode(), "xl/sharedStrings.xml")


def tarred(data, also=b"first member\n"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as t:
        for name, body in (("README", also), ("etc/app.conf", data)):
            info = tarfile.TarInfo(name)
            info.size = len(body)
            t.addfile(info, io.BytesIO(body))
    return out.getvalue()


def base64_lines(data, end=b"\n", width=76):
    text = base64.b64encode(data).decode()
    return end.join(line.encode() for line in textwrap.wrap(text, width)) + end


def cut(word, before):
    """A line of the base64 ends within `word`, `before` bytes of it before the end."""
    def wrapped(data):
        pad = (57 - before - data.index(word)) % 57 + 57
        return base64_lines(b"#" * (pad - 1) + b"\n" + data)
    return wrapped


def binary(data):
    rng = random.Random(len(data))
    return rng.randbytes(300) + b"\0" + data.strip() + b"\0\0\1" + rng.randbytes(300)


def nul_fields(data):
    return b"\x7fELF\2\1\1\0" + b"\0".join(data.split()) + b"\0GCC: (GNU)\0"


def sqlite(data):
    """A row for each line, a column for each word."""
    with tempfile.NamedTemporaryFile(suffix=".db") as file, sqlite3.connect(file.name) as db:
        for n, line in enumerate(data.decode().splitlines()):
            row = line.split()
            db.execute(f"create table t{n} ({', '.join(f'c{i} text' for i in range(len(row)))}, n integer)")
            db.execute(f"insert into t{n} values ({'?, ' * len(row)}{n})", row)
        db.commit()
        return file.read()


def long_line(data):
    """As a bundler or a log collector writes it: all in one line."""
    filler = b'{"level":"info","message":"started","count":17},' * 3000
    return b"[" + filler + data.strip() + b"," + filler[:-1] + b"]"


WRAPS = {
    "crlf": lambda d: d.replace(b"\n", b"\r\n"),
    "cr": lambda d: d.replace(b"\n", b"\r"),
    "bom": lambda d: b"\xef\xbb\xbf" + d,
    "bom16": lambda d: (b"\xff\xfe" if d[1:2] == b"\0" else b"\xfe\xff") + d,
    "utf16le": lambda d: d.decode().encode("utf-16-le"),
    "utf16be": lambda d: d.decode().encode("utf-16-be"),
    "latin1": lambda d: d,
    "gzip": lambda d: gzip.compress(d, mtime=0),
    "zip": zipped,
    "zipapp": lambda d: prefixed(d, b"#!/usr/bin/env python3\n"),
    "selfextract": lambda d: prefixed(d, b"MZ" + random.Random(9).randbytes(70000)),
    "script": lambda d: b"#!/bin/sh\ntail -n +3 \"$0\" | tar -xz; exec java -jar \"$0\"; exit\n" + d,
    "nul": lambda d: b"\0" + d,
    "behind": lambda d: d + random.Random(8).randbytes(3000),
    "crowded": crowded,
    "docx": docx,
    "xlsx": xlsx,
    "tar": tarred,
    "tar2": lambda d: tarred(d, b"second = of two\n" * 60),
    "binary": binary,
    "sqlite": sqlite,
    "nulfields": nul_fields,
    "random": lambda d: random.Random(7).randbytes(200000),
    "longline": long_line,
    "b64": lambda d: base64.b64encode(d) + b"\n",
    "b64wrap": base64_lines,
    "cut1": cut(b"AKIA", 1),
    "cut2": cut(b"AKIA", 2),
    "cut3": cut(b"AKIA", 3),
    "cut4": cut(b"SECRET", 2),
    "cut5": cut(b"SECRET", 3),
    "cut6": cut(b"secret", 4),
    "b64crlf": lambda d: base64_lines(d, b"\r\n"),
    "b64url": lambda d: base64.urlsafe_b64encode(d),
    "pem": lambda d: b"-----BEGIN DATA-----\n" + d + b"-----END DATA-----\n",
    "yaml": lambda d: b"apiVersion: v1\nkind: Secret\ndata:\n  file: " + d,
    "json": lambda d: b'{"version": 3, "content": "' + d.strip() + b'"}\n',
    "mail": lambda d: b"From: a@example.com\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n" + d,
    "percent": lambda d: urllib.parse.quote(d, safe="").encode(),
    "jsonstring": lambda d: json.dumps({"text": d.decode()}).encode(),
    "pystring": lambda d: b"TEXT = " + repr(d.decode()).encode() + b"\n",
    "html": lambda d: html.escape(d.decode()).encode(),
    "unijson": lambda d: "".join(c if c.isalnum() else f"\\u{ord(c):04x}" for c in d.decode()).encode(),
    "qp": lambda d: quopri.encodestring(d),
}
# in these a line is where the template has it
KEEPS_LINES = {"crlf", "bom", "bom16", "utf16le", "utf16be", "latin1"}
