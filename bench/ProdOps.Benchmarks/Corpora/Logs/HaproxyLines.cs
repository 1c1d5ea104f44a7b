using System.Text;

namespace ProdOps.Benchmarks.Corpora.Logs;

/// <summary>HAProxy's HTTP log as rsyslog writes it, with three captured headers.</summary>
internal sealed class HaproxyLines(Site site, string server, ulong seed) : LineMaker
{
    private static readonly byte[][] Backends = [.. new[] { "be_web/web01", "be_web/web02", "be_web/web03", "be_web/web04", "be_api/app01", "be_api/app02" }.Select(Encoding.ASCII.GetBytes)];

    private readonly Visit[] _visits = [.. Enumerable.Range(0, 240).Select(_ => new Visit())];
    private readonly byte[] _path = new byte[256];
    private readonly byte[] _head = Encoding.ASCII.GetBytes($" {server} haproxy[{1_000 + (seed % 9_000)}]: ");
    private int _connections = 180;

    public override int TypicalLength => 335;

    public override void Add(ref ByteWriter line, ref SeededRandom random, LogClock clock, ReadOnlySpan<byte> trace)
    {
        var visit = _visits[random.Below(_visits.Length)];
        var path = new ByteWriter(_path);
        visit.AddPath(ref path, ref random, site, out var request, out int size);
        if (request == RequestKind.File && random.Chance(60))
            request = RequestKind.Page;
        int status = Statuses.Draw(ref random, request, clock.Incident);
        bool refused = status is 503;

        line.Add(clock.Syslog);
        line.Add(_head);
        line.Add(site.Clients[visit.Client]);
        line.Add((byte)':');
        line.AddNumber(visit.Port);
        line.Add(" ["u8);
        line.Add(clock.Common);
        line.Add((byte)'.');
        line.AddDigits(clock.Microsecond / 1_000, 3);
        line.Add("] https-in~ "u8);
        line.Add(refused ? "be_web/<NOSRV>"u8 : request == RequestKind.Call ? Backends[4 + random.Below(2)] : Backends[random.Below(4)]);
        AddTimes(ref line, ref random, refused);
        line.AddNumber(status);
        line.Add((byte)' ');
        line.AddNumber((Statuses.IsWhole(status) ? size >= 0 ? size : site.AnswerSizes.Draw(ref random) : 0) + 217);
        line.Add(refused ? " - - SC-- "u8 : status == 504 ? " - - sH-- "u8 : " - - ---- "u8);
        AddConnections(ref line, ref random);
        line.Add("shop.example.com|"u8);
        line.Add(visit.Agent(site));
        line.Add((byte)'|');
        if (!trace.IsEmpty)
            line.Add(trace);
        else if (request == RequestKind.Call && random.Chance(60))
            line.AddHex(ref random, 16);
        line.Add("} \""u8);
        line.Add(request == RequestKind.Call && random.Chance(35) ? "POST "u8 : "GET "u8);
        line.Add(path.Written);
        line.Add(" HTTP/1.1\"\n"u8);
    }

    /// <summary>Request, queue, connect, response and total time in milliseconds.</summary>
    private void AddTimes(ref ByteWriter line, ref SeededRandom random, bool refused)
    {
        if (refused)
        {
            line.Add(" 0/-1/-1/-1/0 "u8);
            return;
        }
        int asked = random.Chance(80) ? 0 : random.Below(30);
        int connected = random.Chance(85) ? 0 : 1;
        int answered = site.Durations.Draw(ref random) / 1_000;
        line.Add((byte)' ');
        line.AddNumber(asked);
        line.Add("/0/"u8);
        line.AddNumber(connected);
        line.Add((byte)'/');
        line.AddNumber(answered);
        line.Add((byte)'/');
        line.AddNumber(asked + connected + answered + (random.Chance(70) ? 0 : random.Below(20)));
        line.Add((byte)' ');
    }

    /// <summary>How many there are: in all, of the frontend, of the backend, of the server; they go up and down.</summary>
    private void AddConnections(ref ByteWriter line, ref SeededRandom random)
    {
        _connections = Math.Clamp(_connections + random.Below(7) - 3, 20, 1_900);
        int backend = _connections * (20 + random.Below(12)) / 100;
        line.AddNumber(_connections + 3);
        line.Add((byte)'/');
        line.AddNumber(_connections);
        line.Add((byte)'/');
        line.AddNumber(backend);
        line.Add((byte)'/');
        line.AddNumber(backend / 3);
        line.Add("/0 0/0 {"u8);
    }
}
