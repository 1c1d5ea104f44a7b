#!/usr/bin/python3
"""A small shop: it serves pages, takes uploaded files and writes orders to PostgreSQL. Debian's python3 and python3-psycopg2 are all it needs."""
import contextlib, datetime, http.server, os, queue, re, signal, socket, threading

import psycopg2

VERSION = "1"
UPLOADS = os.environ.get("SHOP_UPLOADS", "/srv/uploads")
SERVER = socket.gethostname()
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
MAX_BODY = 16 << 20
MAX_CONNECTIONS = 40


class Database:
    """Connections that are kept. One that failed is thrown away: the next request gets another, so the shop is back as soon as its database is."""

    def __init__(self):
        self.free = queue.LifoQueue()
        # PostgreSQL takes 100, of both servers and of who looks after it.
        self.places = threading.Semaphore(MAX_CONNECTIONS)
        with open(os.environ["SHOP_DATABASE_PASSWORD_FILE"], encoding="ascii") as file:
            self.password = file.read().strip()

    def connect(self):
        # A database that lost its power says nothing: two seconds without an answer are enough.
        return psycopg2.connect(host=os.environ["SHOP_DATABASE_HOST"], dbname="shop", user="shop", password=self.password,
                                connect_timeout=2, tcp_user_timeout=2000, keepalives_idle=2, keepalives_interval=1, keepalives_count=2)

    @contextlib.contextmanager
    def cursor(self):
        if not self.places.acquire(timeout=2):
            raise psycopg2.OperationalError("all connections are in use")
        try:
            try:
                connection = self.free.get_nowait()
            except queue.Empty:
                connection = self.connect()
            try:
                with connection, connection.cursor() as cursor:
                    yield cursor
            except BaseException:
                connection.close()
                # The others are as old: they are gone too when the database was away.
                with contextlib.suppress(queue.Empty):
                    while True:
                        self.free.get_nowait().close()
                raise
            self.free.put(connection)
        finally:
            self.places.release()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 65
    disable_nagle_algorithm = True

    def parse_request(self):
        self.server.connections[self.connection] = True
        return super().parse_request()

    def handle_one_request(self):
        super().handle_one_request()
        self.server.connections[self.connection] = False

    def do_GET(self):
        if self.path == "/health":
            # Whether this server can serve; whether the database can be asked is another question, /orders.
            self.answer(503 if self.server.is_ending else 200, "ending\n" if self.server.is_ending else "ok\n")
        elif self.path == "/":
            self.answer(200, f"<!doctype html><title>Shop</title><h1>Shop</h1><p>Version {VERSION}. <a href=/orders>Orders</a>\n", "text/html")
        elif self.path == "/orders":
            self.with_database(200, "select count(*) from orders", (), "{} orders\n")
        elif (name := self.upload()) and os.path.isfile(path := os.path.join(UPLOADS, name)):
            with open(path, "rb") as file:
                self.answer(200, file.read(), "application/octet-stream")
        else:
            self.answer(404, "not here\n")

    def do_POST(self):
        body = self.body()
        if body is None:
            return
        if self.path == "/orders":
            self.with_database(201, "insert into orders (request, item, server) values (%s, %s, %s) returning id",
                               (self.request_id(), body.decode("utf-8", "replace").replace("\0", "")[:200], SERVER), "order {}\n")
        elif name := self.upload():
            # Whoever asks for it sees the former file or the whole new one.
            part = os.path.join(UPLOADS, f".{name}.{threading.get_ident()}")
            try:
                with open(part, "wb") as file:
                    file.write(body)
                os.replace(part, os.path.join(UPLOADS, name))
            except OSError as error:
                with contextlib.suppress(OSError):
                    os.remove(part)
                self.log(f"upload: {error.strerror}", "error")
                self.answer(507, "there is no room for it\n")
            else:
                self.answer(201, f"{len(body)} bytes\n")
        else:
            self.answer(404, "not here\n")

    do_PUT = do_POST

    def upload(self):
        name = self.path.removeprefix("/uploads/")
        return name if name != self.path and NAME.fullmatch(name) else None

    def body(self):
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > MAX_BODY:
            self.close_connection = True
            self.answer(413 if length.isdigit() else 411, "say how long it is, up to 16 MiB\n")
            return None
        return self.rfile.read(int(length))

    def with_database(self, status, query, values, text):
        try:
            with self.server.database.cursor() as cursor:
                cursor.execute(query, values)
                told = text.format(cursor.fetchone()[0])
        except psycopg2.Error as error:
            # The first line of what went wrong is for the log; whoever asked need not know how the shop is built.
            self.log(f"database: {str(error).splitlines()[0] if str(error) else type(error).__name__}", "error")
            status, told = 503, "the database does not answer\n"
        self.answer(status, told)

    def answer(self, status, body, kind="text/plain"):
        data = body.encode() if isinstance(body, str) else body
        self.send_response_only(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Served-By", f"{SERVER}-v{VERSION}")
        if self.close_connection or self.server.is_ending:
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)
        if self.path != "/health":
            self.log(f"{self.command} {self.path} {status} {self.request_id()}", "error" if status >= 500 else "info")

    def request_id(self):
        return re.sub(r"[^A-Za-z0-9._-]", "", self.headers.get("X-Request-Id", ""))[:100]

    def log(self, text, level):
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
        print(now.replace("+00:00", "Z"), level.upper(), "".join(c if c.isprintable() else "?" for c in text), flush=True)

    def log_message(self, format, *arguments):
        self.log(format % arguments, "warning")

    def log_request(self, *_):
        pass


class Shop(http.server.ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = False
    request_queue_size = 256
    is_ending = False

    def __init__(self, port):
        super().__init__(("", port), Handler)
        self.database = Database()
        self.connections = {}  # whether something is being asked on it

    def process_request(self, request, address):
        self.connections[request] = False
        super().process_request(request, address)

    def shutdown_request(self, request):
        self.connections.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request, address):
        pass  # a client that hung up

    def end(self):
        """Takes no new connections, answers what is being asked, and ends the connections on which nothing is."""
        self.is_ending = True
        self.shutdown()
        self.server_close()
        for connection, is_asked in list(self.connections.items()):
            if not is_asked:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RD)


if __name__ == "__main__":
    shop = Shop(int(os.environ.get("SHOP_PORT", "8080")))
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=shop.end).start())
    shop.serve_forever(poll_interval=0.1)
