using static System.FormattableString;

namespace ProdOps.LoadBalancing.Readiness;

/// <summary>Judges, without any I/O, whether the servers of a pool can take each other's place.</summary>
internal sealed class ReadinessJudge(LoadBalancerDefinition entry)
{
    private const int FailoverDays = 90;
    private static readonly TimeSpan ClockWarning = TimeSpan.FromMilliseconds(500), ClockFailure = TimeSpan.FromSeconds(5);
    private static readonly string[] Versions = ["Server", "X-Powered-By", "X-Version", "X-App-Version", "X-AspNet-Version", "X-Generator", "Content-Type", "Cache-Control"];
    private static readonly string[] SessionNames = ["sess", "sid", "auth", "login", "token", "identity"];

    /// <summary>What the servers say of themselves, item by item.</summary>
    public IEnumerable<LoadBalancerFinding> Judge(IReadOnlyList<PoolServerFacts> servers) =>
        [.. Health(servers), .. Content(servers), .. Headers(servers), Session(servers), .. Redirects(servers), Clocks(servers)];

    /// <summary>Whether anything can be lost at all.</summary>
    public IEnumerable<LoadBalancerFinding> Redundancy()
    {
        yield return entry.Pool.Count > entry.MinimumHealthy
            ? Passed("redundancy", Invariant($"{entry.Pool.Count} servers, of which {entry.MinimumHealthy} must stay"))
            : Failed("redundancy", null, Invariant($"{entry.Pool.Count} {(entry.Pool.Count == 1 ? "server" : "servers")}, of which {entry.MinimumHealthy} must stay: none can be taken out"), "Add a server to the pool.");
        bool moves = entry.VirtualAddress is not null || entry.FloatingAddress is not null;
        yield return entry.Servers.Count > 1 && moves
            ? Passed("redundancy", $"{string.Join(" and ", entry.Servers)} can hold {entry.VirtualAddress ?? entry.FloatingAddress!.Address}")
            : Failed("redundancy", null, entry.Servers.Count > 1 ? "there are several balancers and no address that moves between them" : $"{entry.Servers[0]} is the only balancer", "Add a second balancer and a VirtualAddress, or a FloatingAddress in a cloud.");
    }

    /// <summary>Whether failover was tested, and how it went.</summary>
    public LoadBalancerFinding History(IReadOnlyList<FailoverTestResult> tests, DateTimeOffset now)
    {
        if (tests.Where(test => test.Stopped != FailoverTarget.BackendServer).MaxBy(test => test.Time) is not { } last)
            return Warning("failover", null, "it was never tested from here", "Test-LoadBalancer -Failover, at a quiet hour.");
        string what = Invariant($"{last.Time.UtcDateTime:yyyy-MM-dd}: {last.Service} on {last.Server} stopped, {last.Failed} of {last.Requests} requests failed, {last.Gap.TotalSeconds:0.00} s without an answer");
        if (!last.Recovered) return Failed("failover", last.Server, $"nothing took over when it was last tested, {what}", "See whether keepalived runs on both balancers and hears the other one.");
        return (now - last.Time).TotalDays > FailoverDays ? Warning("failover", null, Invariant($"not tested for {FailoverDays} days; {what}"), "Test-LoadBalancer -Failover, at a quiet hour.") : Passed("failover", what);
    }

    /// <summary>Whether the balancers show the same certificate, and for how long.</summary>
    public IEnumerable<LoadBalancerFinding> Certificates(IReadOnlyList<BalancerCertificate> certificates, DateTimeOffset now)
    {
        foreach (var missing in certificates.Where(certificate => certificate.Thumbprint.Length == 0))
            yield return Failed("certificate", missing.Balancer, $"there is no certificate in {entry.Certificate}", "Publish-LoadBalancer does not bring certificates: put the file there, readable by root alone.");
        var there = certificates.Where(certificate => certificate.Thumbprint.Length > 0).ToList();
        if (there.Count == 0) yield break;
        if (there.DistinctBy(certificate => certificate.Thumbprint).Count() > 1) yield return Failed("certificate", null, "the balancers have different certificates", "Bring the same file to all of them.");
        double days = there.Min(certificate => (certificate.End - now).TotalDays);
        if (days < 21) yield return (days < 7 ? Failed("certificate", null, Until(), "Renew it.") : Warning("certificate", null, Until(), "Renew it."));
        else if (there.DistinctBy(certificate => certificate.Thumbprint).Count() == 1) yield return Passed("certificate", Until());
        string Until() => days < 0 ? "it has expired" : Invariant($"it expires in {Math.Floor(days):0} days");
    }

    /// <summary>Whether shared data is the same everywhere.</summary>
    public LoadBalancerFinding Data(SharedDataFacts data) => data switch
    {
        { Problem.Length: > 0 } => Warning("data", null, $"{data.Path} could not be compared: {data.Problem}", "Compare-ServerItem shows more."),
        { Differences: 0 } => Passed("data", $"{data.Path} is the same on all servers"),
        _ => Failed("data", data.Servers is [var one] ? one : null, Invariant($"{data.Path}: {data.Differences} {(data.Differences == 1 ? "item differs" : "items differ")}, {data.Example} for one, on {string.Join(", ", data.Servers)}"),
            $"{Mending(data)}Compare-ServerItem -LoadBalancer {entry.Name} shows all of them."),
    };

    /// <summary>The command line that makes copies the same. What only the others have may be what users brought there: it goes by a further word alone.</summary>
    private string Mending(SharedDataFacts data)
    {
        if (!data.IsCopied) return "";
        string command = $"Sync-ServerItem -LoadBalancer {entry.Name} -AsRoot";
        string extra = data.Extra == 0 ? "" : Invariant($"{data.Extra} {(data.Extra == 1 ? "is" : "are")} only on others than the source, and stay{(data.Extra == 1 ? "s" : "")} unless -Delete is given: look first, by -Delete -WhatIf. ");
        return data.Extra == data.Differences ? $"{command}: {extra}" : $"{command} mends it. {extra}";
    }

    private IEnumerable<LoadBalancerFinding> Health(IReadOnlyList<PoolServerFacts> servers)
    {
        if (entry.Check is not { } path)
        {
            yield return Warning("health", null, "there is no Check: a server whose port is open counts as well", "Let the application answer a path such as /health when it can do its work, and name it as Check.");
            yield break;
        }

        var bad = servers.Where(server => server.Health is not { Status: >= 200 and < 400 }).ToList();
        foreach (var server in bad)
            yield return Failed("health", server.Server, server.Health is { } answer ? Invariant($"{path} is answered with {answer.Status}") : $"{path} is not answered: {server.HealthProblem}", "See the application's log on that server.");
        if (bad.Count == 0) yield return Passed("health", $"{path} is answered well by all servers");
    }

    private IEnumerable<LoadBalancerFinding> Content(IReadOnlyList<PoolServerFacts> servers)
    {
        foreach (var server in servers.Where(server => server.First is null)) yield return Failed("content", server.Server, $"the page is not answered: {server.Problem}", "See the application's log on that server.");
        var there = servers.Where(server => server.First is not null).ToList();
        if (there.Count < 2) yield break;
        if (there.GroupBy(server => server.First!.Status).Skip(1).Any())
        {
            yield return Failed("content", null, "servers answer the same page with different statuses: " + string.Join(", ", there.Select(server => Invariant($"{server.Server} {server.First!.Status}"))), "Bring the same version to all of them.");
            yield break;
        }

        if (there.Any(server => server.Second?.Hash != server.First!.Hash))
        {
            yield return Passed("content", "the page is another one each time, and cannot be compared; -Path names another");
            yield break;
        }

        var odd = Odd(there, server => server.First!.Hash);
        yield return odd.Count == 0 ? Passed("content", "the page is the same on all servers") : Warning("content", odd is [var one] ? one : null, $"the page is another one on {string.Join(", ", odd)}", "If the page does not name its server on purpose, bring the same version to all of them.");
    }

    private IEnumerable<LoadBalancerFinding> Headers(IReadOnlyList<PoolServerFacts> servers)
    {
        var there = servers.Where(server => server.First is not null).ToList();
        bool differ = false;
        foreach (string name in Versions)
        {
            var odd = Odd(there, server => string.Join(", ", server.First!.Of(name)));
            if (odd.Count == 0) continue;
            differ = true;
            string values = string.Join(", ", there.Select(server => $"{server.Server} '{string.Join(", ", server.First!.Of(name))}'"));
            yield return Warning("headers", odd is [var one] ? one : null, $"{name} differs: {values}", "Bring the same versions and the same configuration to all servers.");
        }

        bool sameContent = there.Count > 1 && Odd(there, server => server.First!.Hash).Count == 0;
        if (sameContent && Odd(there, server => string.Join(", ", server.First!.Of("ETag"))).Count > 0)
        {
            differ = true;
            yield return Warning("headers", null, "the same page has another ETag on each server: what browsers have kept is loaded anew whenever they meet another one", "Make ETags of content or of size and time alone, with times kept when files are copied.");
        }

        if (!differ && there.Count > 1) yield return Passed("headers", "servers and versions are the same");
    }

    /// <summary>A session that only its own server knows is found by showing its cookie to the next: that one sets it anew.</summary>
    private LoadBalancerFinding Session(IReadOnlyList<PoolServerFacts> servers)
    {
        var sessions = servers.SelectMany(server => server.First?.Cookies ?? []).Select(cookie => cookie.Name)
            .Where(name => name != entry.StickyCookie && SessionNames.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase))).Distinct(StringComparer.Ordinal).ToList();
        if (sessions.Count == 0) return Passed("session", "the page sets no cookie that looks like a session");
        string names = string.Join(", ", sessions);
        if (entry.StickyCookie is not null || entry.Balance == BalanceAlgorithm.Source) return Passed("session", $"{names}: clients stay at their servers, and lose their sessions with them");
        var strangers = servers.Where(server => server.WithForeignCookies?.Cookies.Any(cookie => sessions.Contains(cookie.Name)) == true).Select(server => server.Server).ToList();
        return strangers.Count > 0
            ? Failed("session", strangers is [var one] ? one : null, $"{names} of another server is not known on {string.Join(", ", strangers)}, and nothing keeps a client at its server: users are logged out", "Keep sessions in Redis or a database, or set StickyCookie.")
            : Warning("session", null, $"{names} is set, and nothing keeps a client at its server; all servers seem to know each other's", "If sessions are kept in memory, keep them in Redis or a database, or set StickyCookie.");
    }

    private IEnumerable<LoadBalancerFinding> Redirects(IReadOnlyList<PoolServerFacts> servers)
    {
        bool found = false;
        foreach (var server in servers)
        {
            foreach (string location in server.First?.Of("Location") ?? [])
            {
                if (!Uri.TryCreate(location, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")) continue;
                bool own = url.Port == entry.PoolPort && entry.PoolPort != entry.Port, plain = entry.RedirectToTls && url.Scheme == "http";
                if (!own && !plain) continue;
                found = true;
                yield return Failed("redirect", server.Server, own ? $"it sends users to its own port, {url.GetLeftPart(UriPartial.Authority)}" : $"it sends users from TLS to {url.GetLeftPart(UriPartial.Authority)}", "Let the application believe X-Forwarded-Proto and X-Forwarded-Port, or answer with a relative Location.");
            }
        }

        if (!found) yield return Passed("redirect", "no server sends users past the balancer");
    }

    private LoadBalancerFinding Clocks(IReadOnlyList<PoolServerFacts> servers)
    {
        var known = servers.Where(server => server.Clock is not null).ToList();
        if (known.Count < servers.Count) return Warning("clock", null, $"the clocks of {string.Join(", ", servers.Where(server => server.Clock is null).Select(server => server.Server))} could not be read", "Get-ServerClock shows why.");
        var spread = known.Max(server => server.Clock!.Value) - known.Min(server => server.Clock!.Value);
        string message = Invariant($"the servers' clocks are {spread.TotalSeconds:0.0##} s apart");
        const string Advice = "Let chrony or systemd-timesyncd run on all of them: tokens and sessions expire by the clock. Get-ServerClock shows each.";
        return spread >= ClockFailure ? Failed("clock", null, message, Advice) : spread >= ClockWarning ? Warning("clock", null, message, Advice) : Passed("clock", message);
    }

    /// <summary>Servers that have not what most have; none if all have the same.</summary>
    private static List<string> Odd(IReadOnlyList<PoolServerFacts> servers, Func<PoolServerFacts, string> value)
    {
        var groups = servers.GroupBy(value).OrderByDescending(group => group.Count()).ToList();
        return [.. groups.Skip(1).SelectMany(group => group.Select(server => server.Server))];
    }

    private LoadBalancerFinding Passed(string item, string message) => new() { LoadBalancer = entry.Name, Item = item, Status = LoadBalancerFindingStatus.Passed, Message = message };

    private LoadBalancerFinding Warning(string item, string? server, string message, string advice) =>
        new() { LoadBalancer = entry.Name, Item = item, Status = LoadBalancerFindingStatus.Warning, Server = server, Message = message, Advice = advice };

    private LoadBalancerFinding Failed(string item, string? server, string message, string advice) =>
        new() { LoadBalancer = entry.Name, Item = item, Status = LoadBalancerFindingStatus.Failed, Server = server, Message = message, Advice = advice };
}
