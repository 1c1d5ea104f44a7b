"""An SMTP server (aiosmtpd) in three ways: STARTTLS and login required, TLS from the start, and in the clear. Prints its ports, then each message as a line of JSON."""
import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address.startswith("nobody"):
            return "550 5.1.1 no such user here"
        if address.startswith("later"):
            return "451 4.7.1 greylisted, try again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if b"X-Refuse" in envelope.content:
            return "554 5.7.1 looks like spam"
        print(json.dumps({
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": session.ssl is not None, "user": session.auth_data.decode() if session.auth_data else None,
            "content": envelope.content.decode("utf-8", "replace"),
        }), flush=True)
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, auth_data):
    good = auth_data.login == b"monitor" and auth_data.password == "swordfish-äöü".encode()
    return AuthResult(success=good, handled=False, auth_data=auth_data.login if good else None)


async def main(certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    loop = asyncio.get_running_loop()
    login = {"auth_required": True, "authenticator": authenticate, "hostname": "mail.example.org"}
    servers = [
        await loop.create_server(lambda: SMTP(Handler(), tls_context=context, require_starttls=True, loop=loop, **login), "127.0.0.1", 0),
        await loop.create_server(lambda: SMTP(Handler(), auth_require_tls=False, loop=loop, **login), "127.0.0.1", 0, ssl=context),
        await loop.create_server(lambda: SMTP(Handler(), hostname="mail.example.org", loop=loop), "127.0.0.1", 0),
    ]
    print(json.dumps([server.sockets[0].getsockname()[1] for server in servers]), flush=True)
    # Whatever ends the test ends this too.
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main(*sys.argv[1:]))
