namespace ProdOps.Benchmarks.Corpora.Logs;

/// <summary>A client that loads pages, each with what belongs to it; of many at the same time each server sees some.</summary>
internal sealed class Visit
{
    private readonly byte[] _page = new byte[256];
    private int _pageLength, _left, _filesLeft;

    public int Client { get; private set; }

    /// <summary>The client's: it keeps its connection.</summary>
    public int Port { get; private set; }

    public VisitKind Kind { get; private set; }

    public ReadOnlySpan<byte> Agent(Site site) => Kind switch
    {
        VisitKind.Robot or VisitKind.Scanner => UserAgents.Robots[Client % UserAgents.Robots.Length],
        VisitKind.Program => UserAgents.Programs[Client % UserAgents.Programs.Length],
        _ => site.Browsers[site.ClientAgents[Client]],
    };

    /// <summary>The page that the client is on; empty before its first.</summary>
    public ReadOnlySpan<byte> Page => _page.AsSpan(0, _pageLength);

    /// <summary>Adds the path of the client's next request.</summary>
    public void AddPath(ref ByteWriter line, ref SeededRandom random, Site site, out RequestKind request, out int size)
    {
        if (_left-- <= 0)
            Begin(ref random, site);
        size = -1;
        if (Kind == VisitKind.Program)
        {
            request = RequestKind.Call;
            site.AddCall(ref line, ref random);
        }
        else if (Kind == VisitKind.Scanner)
        {
            request = RequestKind.Probe;
            line.Add(random.Below(6) switch
            {
                0 => "/wp-login.php"u8, 1 => "/.env"u8, 2 => "/.git/config"u8, 3 => "/phpmyadmin/index.php"u8, 4 => "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php"u8,
                _ => "/cgi-bin/luci/;stok=/locale"u8,
            });
        }
        else if (_filesLeft > 0)
        {
            _filesLeft--;
            int kind = random.Below(10);
            request = kind < 2 ? RequestKind.Call : RequestKind.File;
            if (kind < 2) site.AddCall(ref line, ref random);
            else if (kind < 6) line.Add(site.Asset(ref random, out size));
            else site.AddPicture(ref line, ref random, out size);
        }
        else
        {
            request = RequestKind.Page;
            int start = line.Length;
            site.AddPage(ref line, ref random);
            var page = line.Written[start..];
            _pageLength = Math.Min(page.Length, _page.Length);
            page[.._pageLength].CopyTo(_page);
            _filesLeft = Kind == VisitKind.Robot ? 0 : random.Below(9);
        }
    }

    private void Begin(ref SeededRandom random, Site site)
    {
        Client = site.Client(ref random);
        Port = 1_024 + random.Below(64_000);
        Kind = random.Below(100) switch { < 76 => VisitKind.Browser, < 87 => VisitKind.Robot, < 98 => VisitKind.Program, _ => VisitKind.Scanner };
        _left = Kind == VisitKind.Scanner ? 5 : 1 + random.Below(60);
        _filesLeft = 0;
        _pageLength = 0;
    }
}

internal enum VisitKind
{
    Browser,
    Robot,
    Program,
    Scanner,
}

internal enum RequestKind
{
    Page,
    File,
    Call,
    Probe,
}
