using System.Text;

namespace ProdOps.Benchmarks.Corpora.Logs;

/// <summary>An application's log, a JSON object a line: some lines for each request, of many requests at the same time.</summary>
internal sealed class JsonLines : LineMaker
{
    private static readonly (string Service, string Logger)[] Names =
    [
        ("orders", "shop.orders.OrderRepository"), ("orders", "shop.orders.OrderService"), ("catalog", "shop.catalog.ProductCache"), ("catalog", "shop.catalog.SearchIndex"),
        ("accounts", "shop.accounts.SessionStore"), ("accounts", "shop.accounts.TokenValidator"), ("payments", "shop.payments.GatewayClient"), ("inventory", "shop.inventory.StockService"),
        ("mail", "shop.mail.Outbox"), ("http", "shop.http.AccessFilter"),
    ];

    private readonly Site _site;
    private readonly byte[][] _names;
    private readonly byte[] _host;
    private readonly Request[] _requests = [.. Enumerable.Range(0, 48).Select(_ => new Request())];

    public JsonLines(Site site, string server)
    {
        _site = site;
        _host = Encoding.ASCII.GetBytes($"\",\"host\":\"{server}\",\"thread\":\"worker-");
        _names = [.. Names.Select(name => Encoding.ASCII.GetBytes($"\",\"service\":\"{name.Service}\",\"logger\":\"{name.Logger}"))];
    }

    public override int TypicalLength => 330;

    public override void Add(ref ByteWriter line, ref SeededRandom random, LogClock clock, ReadOnlySpan<byte> trace)
    {
        int thread = random.Below(_requests.Length);
        var request = _requests[thread];
        bool begins = request.Left <= 0;
        if (begins)
            request.Begin(ref random, _site);
        request.Left--;
        bool failed = random.Below(1_000) < (clock.Incident ? 60 : 2);
        int level = failed ? 3 : random.Below(1_000) switch { < 70 => 0, < 955 => 1, _ => 2 };
        line.Add("{\"timestamp\":\""u8);
        line.Add(clock.Iso);
        line.Add((byte)'.');
        line.AddDigits(clock.Microsecond, 6);
        line.Add(level switch { 0 => "Z\",\"level\":\"debug"u8, 1 => "Z\",\"level\":\"info"u8, 2 => "Z\",\"level\":\"warn"u8, _ => "Z\",\"level\":\"error"u8 });
        bool ends = request.Left <= 0;
        int name = begins || ends ? 9 : random.Below(9);
        if (!begins && !ends && random.Below(40) == 0)
            line.Add("\",\"service\":\"checkout\",\"logger\":\"shop.checkout.CheckoutFlow"u8);
        else
            line.Add(_names[name]);
        line.Add(_host);
        line.AddNumber(thread);
        line.Add("\",\"trace_id\":\""u8);
        line.Add(trace.IsEmpty ? request.Trace : trace);
        line.Add("\",\"span_id\":\""u8);
        line.AddHex(ref random, 8);
        line.Add("\",\"message\":\""u8);
        if (begins) line.Add("request started"u8);
        else if (ends) line.Add("request completed"u8);
        else if (failed) AddFailure(ref line, ref random);
        else AddMessage(ref line, ref random, name, level);
        line.Add((byte)'"');
        if (begins || ends)
            AddHttp(ref line, ref random, request, ends, failed || (ends && clock.Incident && random.Chance(20)));
        else
            AddDetails(ref line, ref random, request);
        line.Add("}\n"u8);
    }

    private static void AddHttp(ref ByteWriter line, ref SeededRandom random, Request request, bool ends, bool failed)
    {
        line.Add(request.Posts ? ",\"method\":\"POST\",\"path\":\""u8 : ",\"method\":\"GET\",\"path\":\""u8);
        line.Add(request.Path);
        line.Add((byte)'"');
        if (!ends)
            return;
        line.Add(",\"status\":"u8);
        line.AddNumber(failed ? 500 + random.Below(5) : random.Below(50) switch { 0 => 404, 1 => 401, 2 => 409, < 8 => 201, _ => 200 });
        AddDuration(ref line, request.Spent + random.Below(2_000));
    }

    private void AddDetails(ref ByteWriter line, ref SeededRandom random, Request request)
    {
        int spent = _site.Durations.Draw(ref random) / 4;
        request.Spent += spent;
        if (random.Chance(70))
            AddDuration(ref line, spent);
        line.Add(",\"user_id\":"u8);
        line.AddNumber(request.User);
        if (random.Chance(25))
        {
            line.Add(",\"session\":\""u8);
            line.AddUuid(ref random);
            line.Add((byte)'"');
        }
    }

    private static void AddDuration(ref ByteWriter line, int microseconds)
    {
        line.Add(",\"duration_ms\":"u8);
        line.AddNumber(microseconds / 1_000);
        line.Add((byte)'.');
        line.AddDigits(microseconds % 1_000, 3);
    }

    private void AddMessage(ref ByteWriter line, ref SeededRandom random, int name, int level)
    {
        if (level == 2)
        {
            line.Add(random.Below(4) switch
            {
                0 => "slow query on table order_items, "u8, 1 => "retrying call to payment-gateway, attempt "u8, 2 => "Timeout while waiting for lock of cart "u8, _ => "connection pool nearly exhausted, in use "u8,
            });
            line.AddNumber(random.Below(5_000));
            return;
        }
        int kind = (name * 3) + random.Below(3);
        line.Add(kind switch
        {
            0 => "loaded order "u8, 1 => "stored order "u8, 2 => "query returned rows: "u8, 3 => "order state changed to paid: "u8, 4 => "applied voucher to order "u8, 5 => "order total computed for "u8,
            6 => "cache hit for product "u8, 7 => "cache miss, loading product "u8, 8 => "evicted entries from cache: "u8, 9 => "search for '"u8, 10 => "search index refreshed, documents: "u8,
            11 => "suggestions for '"u8, 12 => "session loaded for user "u8, 13 => "session stored for user "u8, 14 => "session of user expired: "u8, 15 => "token accepted, user "u8,
            16 => "token refreshed, user "u8, 17 => "permissions resolved for user "u8, 18 => "authorised payment of order "u8, 19 => "captured payment of order "u8,
            20 => "gateway answered for order "u8, 21 => "reserved stock of product "u8, 22 => "released stock of product "u8, 23 => "stock level of product "u8,
            24 => "queued mail 'order confirmation' for user "u8, 25 => "delivered mail for user "u8, _ => "rendered template, bytes: "u8,
        });
        if (kind is 9 or 11)
        {
            line.Add(_site.Word(ref random));
            line.Add((byte)' ');
            line.Add(_site.Word(ref random));
            line.Add("' found "u8);
            line.AddNumber(random.Below(1 + random.Below(900)));
        }
        else
        {
            line.AddNumber(10_000 + random.Below(8_000_000));
        }
    }

    private static void AddFailure(ref ByteWriter line, ref SeededRandom random)
    {
        line.Add(random.Below(5) switch
        {
            0 => "upstream timeout: payment-gateway did not answer within 3000 ms, order "u8, 1 => "java.sql.SQLTransientConnectionException: connection is not available, request timed out after "u8,
            2 => "unexpected error while handling order "u8, 3 => "TIMEOUT reading from redis-02:6379 after "u8, _ => "connection refused: inventory-svc/10.20.1.14:8443, attempt "u8,
        });
        line.AddNumber(random.Below(8_000_000));
    }

    /// <summary>A request that is being worked on.</summary>
    private sealed class Request
    {
        private readonly byte[] _trace = new byte[32];
        private readonly byte[] _path = new byte[256];
        private int _pathLength;

        public int Left { get; set; }

        public int Spent { get; set; }

        public int User { get; private set; }

        public bool Posts { get; private set; }

        public ReadOnlySpan<byte> Trace => _trace;

        public ReadOnlySpan<byte> Path => _path.AsSpan(0, _pathLength);

        public void Begin(ref SeededRandom random, Site site)
        {
            Left = 3 + random.Below(6);
            Spent = 0;
            User = 10_000 + random.Below(1 + random.Below(900_000));
            Posts = random.Chance(30);
            new ByteWriter(_trace).AddHex(ref random, 16);
            var path = new ByteWriter(_path);
            site.AddCall(ref path, ref random);
            _pathLength = path.Length;
        }
    }
}
