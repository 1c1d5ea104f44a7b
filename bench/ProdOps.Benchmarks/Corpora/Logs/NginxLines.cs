namespace ProdOps.Benchmarks.Corpora.Logs;

/// <summary>nginx's access log in its combined format.</summary>
internal sealed class NginxLines(Site site) : LineMaker
{
    private readonly Visit[] _visits = [.. Enumerable.Range(0, 160).Select(_ => new Visit())];
    private readonly byte[] _path = new byte[512];

    public override int TypicalLength => 235;

    public override void Add(ref ByteWriter line, ref SeededRandom random, LogClock clock, ReadOnlySpan<byte> trace)
    {
        var visit = _visits[random.Below(_visits.Length)];
        var referer = new ByteWriter(new Span<byte>(_path, 256, 256));
        referer.Add(visit.Page);
        var path = new ByteWriter(new Span<byte>(_path, 0, 256));
        visit.AddPath(ref path, ref random, site, out var request, out int size);
        int status = Statuses.Draw(ref random, request, clock.Incident);

        line.Add(site.Clients[visit.Client]);
        line.Add(" - - ["u8);
        line.Add(clock.Common);
        line.Add(" +0000] \""u8);
        line.Add(request == RequestKind.Call && random.Chance(35) ? "POST "u8 : visit.Kind == VisitKind.Robot && random.Chance(4) ? "HEAD "u8 : "GET "u8);
        line.Add(path.Written);
        if (!trace.IsEmpty)
        {
            line.Add(path.Written.Contains((byte)'?') ? "&trace="u8 : "?trace="u8);
            line.Add(trace);
        }
        line.Add(visit.Kind is VisitKind.Browser && (visit.Client & 3) != 0 ? " HTTP/2.0\" "u8 : " HTTP/1.1\" "u8);
        line.AddNumber(status);
        line.Add((byte)' ');
        line.AddNumber(!Statuses.IsWhole(status) ? Short(status) : size >= 0 ? size : request == RequestKind.Page ? site.PageSizes.Draw(ref random) : site.AnswerSizes.Draw(ref random));
        if (visit.Kind != VisitKind.Browser)
        {
            line.Add(" \"-\" \""u8);
        }
        else if (request == RequestKind.Page)
        {
            if (referer.Length == 0)
                line.Add(random.Chance(40) ? " \"https://www.google.com/\" \""u8 : " \"-\" \""u8);
            else
                AddReferer(ref line, referer.Written);
        }
        else
        {
            AddReferer(ref line, visit.Page);
        }
        line.Add(visit.Agent(site));
        line.Add("\"\n"u8);
    }

    private static void AddReferer(ref ByteWriter line, ReadOnlySpan<byte> page)
    {
        line.Add(" \"https://shop.example.com"u8);
        line.Add(page);
        line.Add("\" \""u8);
    }

    private static int Short(int status) => status switch { 304 or 204 => 0, 404 => 548, 502 => 552, 503 => 592, 504 => 562, _ => 162 };
}
