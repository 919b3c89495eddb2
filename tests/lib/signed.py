#!/usr/bin/env python3
"""Signed requests as botocore makes them, with synthetic keys, for tests/unit/signed.tsv.

    python3 -m venv v && v/bin/pip install boto3 && v/bin/python tests/lib/signed.py >tests/unit/signed.tsv

Only whoever changes the list below runs this; the tests read the file. A line: name, what it is, key ID, secret, text
(newlines as \\n); clock and keys are fixed, so the same botocore writes the same file.
"""
import base64
import datetime
import hashlib
import hmac
import io
import logging
import random
import time
import urllib.parse

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.session
import botocore.signers
from botocore.config import Config
from botocore.credentials import Credentials

import synth

NOW = datetime.datetime(2026, 11, 20, 12, 30, 0, tzinfo=datetime.timezone.utc)
RNG = random.Random(20261120)


def freeze():
    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: NOW.replace(tzinfo=None) if remove_tzinfo else NOW
    botocore.signers.get_current_datetime = botocore.auth.get_current_datetime
    time.time = lambda: NOW.timestamp()
    time.gmtime = lambda *a: NOW.utctimetuple()
    botocore.auth.formatdate = lambda usegmt=False: "Fri, 20 Nov 2026 12:30:00 GMT"


def row(name, what, key_id, secret, text):
    print("\t".join((name, what, key_id, secret, text.replace("\n", "\\n"))))


def keys(prefix="AKIA"):
    return synth.key_id(RNG, prefix), synth.secret(RNG)


def token():
    return "IQoJb3JpZ2luX2Vj" + base64.b64encode(RNG.randbytes(300)).decode()


def client(service, key, secret, region="eu-west-1", session_token=None, **config):
    return boto3.client(service, region_name=region, aws_access_key_id=key, aws_secret_access_key=secret,
                        aws_session_token=session_token, config=Config(**config))


def s3_urls():
    v4 = dict(signature_version="s3v4")
    odd = "Bücher/Jahr 2026 (final)+&=.txt"
    cases = [
        ("virtual", "get_object", {"Bucket": "quill-archive", "Key": "in/report.pdf"}, v4, None),
        ("path", "get_object", {"Bucket": "quill.archive", "Key": "in/report.pdf"}, dict(v4, s3={"addressing_style": "path"}), None),
        ("odd-key", "get_object", {"Bucket": "quill-archive", "Key": odd}, v4, None),
        ("response", "get_object", {"Bucket": "quill-archive", "Key": "a.csv", "VersionId": "3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY",
                                    "ResponseContentDisposition": 'attachment; filename="a b.csv"', "ResponseContentType": "text/csv"}, v4, None),
        ("token", "get_object", {"Bucket": "quill-archive", "Key": "b.bin"}, v4, "ASIA"),
        ("put", "put_object", {"Bucket": "quill-archive", "Key": "up/c.bin"}, v4, None),
        ("list", "list_objects_v2", {"Bucket": "quill-archive", "Prefix": "a/b c/"}, v4, None),
        ("v2", "get_object", {"Bucket": "quill-archive", "Key": "in/report.pdf"}, dict(signature_version="s3"), None),
        ("v2-odd", "get_object", {"Bucket": "quill.archive", "Key": odd, "ResponseContentType": "text/plain"}, dict(signature_version="s3"), None),
        ("v2-token", "get_object", {"Bucket": "quill-archive", "Key": "b.bin"}, dict(signature_version="s3"), "ASIA"),
    ]
    for name, operation, params, config, prefix in cases:
        key, secret = keys(prefix or "AKIA")
        c = client("s3", key, secret, session_token=token() if prefix else None, **config)
        row(f"s3-{name}", "url", key, secret, c.generate_presigned_url(operation, Params=params, ExpiresIn=3600))
    key, secret = keys()
    c = boto3.client("s3", region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret,
                     endpoint_url="http://localhost:4566", config=Config(**v4))
    row("s3-local", "url", key, secret, c.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"}))


def posts():
    for name, version in (("post-v4", "s3v4"), ("post-v2", "s3")):
        key, secret = keys()
        fields = client("s3", key, secret, signature_version=version).generate_presigned_post("quill-archive", "up/${filename}")["fields"]
        row(name, "policy", key, secret, "\n".join((fields.get("x-amz-credential", key), fields.get("x-amz-signature") or fields["signature"], fields["policy"])))


def other_services():
    key, secret = keys()
    request = botocore.awsrequest.AWSRequest("GET", "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs?Action=ReceiveMessage&MaxNumberOfMessages=10")
    botocore.auth.SigV4QueryAuth(Credentials(key, secret), "sqs", "eu-west-1").add_auth(request)
    row("sqs", "url", key, secret, request.url)
    key, secret = keys()
    row("sns", "url", key, secret, client("sns", key, secret).generate_presigned_url(
        "publish", Params={"TopicArn": "arn:aws:sns:eu-west-1:123456789012:alarms", "Message": "done: 100 %"}, HttpMethod="GET"))
    key, secret = keys("ASIA")
    row("sts", "url", key, secret, client("sts", key, secret, session_token=token()).generate_presigned_url("get_caller_identity"))
    key, secret = keys("ASIA")
    row("rds", "url", key, secret, client("rds", key, secret, session_token=token()).generate_db_auth_token(
        "orders.c9akciq32.eu-west-1.rds.amazonaws.com", 5432, "report_rw"))
    key, secret = keys()
    session = botocore.session.get_session()
    signer = botocore.signers.RequestSigner(session.get_service_model("sts").service_id, "eu-west-1", "sts", "v4",
                                            Credentials(key, secret), session.get_component("event_emitter"))
    url = signer.generate_presigned_url({"method": "GET", "url": "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
                                         "body": {}, "headers": {"x-k8s-aws-id": "orders-prod"}, "context": {}},
                                        region_name="eu-west-1", expires_in=60, operation_name="")
    row("eks", "eks", key, secret, url)
    key, secret = keys()
    request = botocore.awsrequest.AWSRequest("GET", "https://sdb.amazonaws.com/", params={"Action": "ListDomains", "Version": "2009-04-15"})
    botocore.auth.SigV2Auth(Credentials(key, secret)).add_auth(request)
    row("sdb-v2", "url", key, secret, request.url + "?" + urllib.parse.urlencode(request.params, quote_via=urllib.parse.quote))


def debug_log():
    key, secret = keys()
    log = io.StringIO()
    logger = logging.getLogger("botocore.auth")
    handler = logging.StreamHandler(log)
    handler.setFormatter(logging.Formatter("2026-11-20 13:30:00,000 - MainThread - %(name)s - %(levelname)s - %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    request = botocore.awsrequest.AWSRequest("GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08")
    botocore.auth.SigV4Auth(Credentials(key, secret), "iam", "us-east-1").add_auth(request)
    row("botocore-debug", "log", key, secret, log.getvalue())
    logger.removeHandler(handler)


def requests():
    key, secret = keys()
    request = botocore.awsrequest.AWSRequest("GET", "https://quill-archive.s3.eu-west-1.amazonaws.com/in/a%20b.txt?versionId=7",
                                             headers={"Range": "bytes=0-9"})
    botocore.auth.S3SigV4Auth(Credentials(key, secret), "s3", "eu-west-1").add_auth(request)
    lines = ["GET /in/a%20b.txt?versionId=7 HTTP/1.1", "Host: quill-archive.s3.eu-west-1.amazonaws.com"]
    lines += [f"{k}: {v}" for k, v in request.headers.items()]
    row("curl-verbose", "request", key, secret, "* Connected\n" + "".join(f"> {x}\n" for x in lines) + ">\n< HTTP/1.1 206 Partial Content\n")
    key, secret = keys()
    request = botocore.awsrequest.AWSRequest("GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08")
    botocore.auth.SigV4Auth(Credentials(key, secret), "iam", "us-east-1").add_auth(request)
    row("curl-command", "request", key, secret, "curl --location '" + request.url + "' \\\n" +
        " \\\n".join(f"--header '{k}: {v}'" for k, v in request.headers.items()) + "\n")


def ses():
    def chain(key, *parts):
        for part in parts:
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key
    key, secret = keys()
    v4 = chain(("AWS4" + secret).encode(), "11111111", "eu-central-1", "ses", "aws4_request", "SendRawEmail")
    row("ses-v4", "ses", key, secret, base64.b64encode(b"\x04" + v4).decode())
    key, secret = keys()
    row("ses-v2", "ses", key, secret, base64.b64encode(b"\x02" + chain(secret.encode(), "SendRawEmail")).decode())


if __name__ == "__main__":
    freeze()
    s3_urls()
    posts()
    other_services()
    debug_log()
    requests()
    ses()
