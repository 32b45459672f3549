"""smtp_server.py PORT CERT KEY LOG: an SMTP server for tests.

It wants STARTTLS and the login ouidire/secret, refuses inconnu@ for ever and
plustard@ for now, and writes what it accepts to LOG, one JSON object a line, with the
instants of its greeting and of its answer. To capricieux@ it is slow or refuses for now,
now and then, and writes that as well.
"""

import asyncio
import json
import random
import ssl
import sys
import threading
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

port, certificate, key, log = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]


# Of what goes to capricieux@: which share is refused for now, which share takes how long.
REFUSED, SLOW, PATIENCE = 0.15, 0.15, 2


class Inbox:
    def __init__(self):
        self.greeted = {}  # when, by the other side's port

    async def handle_EHLO(self, server, session, envelope, hostname):
        self.greeted.setdefault(session.peer[1], time.time())  # greeted again after STARTTLS
        session.host_name = hostname
        return "250 HELP"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("inconnu"):
            return "550 5.1.1 no such user"
        if address.startswith("plustard"):
            return "451 4.7.1 try later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        answer = await self.whim() if envelope.rcpt_tos[0].startswith("capricieux") else "250 OK"
        taken = {
            "answer": answer,
            "from_s": self.greeted.pop(session.peer[1], None),
            "at_s": time.time(),
            "tls": session.ssl is not None,
            "login": session.auth_data.login.decode() if session.auth_data else "",
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "data": envelope.content.decode("utf-8", "replace"),
        }
        with open(log, "a", encoding="utf-8") as f:
            f.write(json.dumps(taken) + "\n")
        return answer

    async def whim(self):
        drawn = random.random()
        if drawn < SLOW:
            await asyncio.sleep(PATIENCE)
        return "451 4.7.1 try later" if drawn > 1 - REFUSED else "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and data.login == b"ouidire" and data.password == b"secret"
    return AuthResult(success=right, auth_data=data if right else None, handled=right)


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
open(log, "a").close()
Controller(
    Inbox(), hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True,
    authenticator=authenticate, auth_required=True, enable_SMTPUTF8=True,
).start()
print("up", flush=True)
threading.Event().wait()
