"""read.py HOST:PORT CA USER PASSWORD: what somebody reads in their mailbox, by IMAP over TLS.

One letter a line, as JSON: its headers and parts as Python's own reader of mail decodes
them, and how the server itself has taken it apart (ENVELOPE, BODYSTRUCTURE).
"""

import email
import email.policy
import imaplib
import json
import re
import ssl
import sys

address, authority, user, password = sys.argv[1:]
host, port = address.rsplit(":", 1)
box = imaplib.IMAP4_SSL(host, int(port), ssl_context=ssl.create_default_context(cafile=authority))
box.login(user, password)
_, (count,) = box.select("INBOX", readonly=True)
for number in range(1, int(count) + 1):
    _, ((_, raw), _) = box.fetch(str(number), "(BODY.PEEK[])")
    _, (seen,) = box.fetch(str(number), "(ENVELOPE BODYSTRUCTURE)")
    seen = b"".join(seen) if isinstance(seen, tuple) else seen
    envelope, structure = re.search(rb"ENVELOPE (.*) BODYSTRUCTURE (.*)\)$", seen, re.DOTALL).groups()
    letter = email.message_from_bytes(raw, policy=email.policy.default)
    print(json.dumps({
        "headers": {name.lower(): str(value).strip() for name, value in letter.items()},
        "parts": [{"type": part.get_content_type(), "text": part.get_content().replace("\r\n", "\n")} for part in letter.walk() if not part.is_multipart()],
        "faults": [str(fault) for part in letter.walk() for fault in part.defects],
        "envelope": envelope.decode(),
        "structure": structure.decode(),
    }))
box.logout()
