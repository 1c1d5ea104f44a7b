using System.Globalization;
using ProdOps.LoadBalancing.HAProxy.Replies;
using ProdOps.Servers.Commands;
using ProdOps.Servers.HAProxy;
using static System.FormattableString;

namespace ProdOps.LoadBalancing.HAProxy;

internal sealed partial class HAProxyBalancer
{
    private const int MostCertificates = 1000, CertificatesAtOnce = 50;
    private static readonly TimeSpan ShortValidity = TimeSpan.FromDays(14);

    public async Task<LoadBalancer> ReadAsync(CancellationToken cancellationToken)
    {
        var setup = await ReadSetupAsync(cancellationToken).ConfigureAwait(false);
        var (info, table) = await ReadFiguresAsync(cancellationToken).ConfigureAwait(false);
        var master = await TryReadMasterAsync(cancellationToken).ConfigureAwait(false);
        var overview = new HAProxyOverview(info, table);
        var pools = overview.Pools(pool => EntryOf(pool)?.Name);
        var certificates = await ReadCertificatesAsync(setup, cancellationToken).ConfigureAwait(false);
        var limits = overview.Limits(await TryCountFilesAsync(info, cancellationToken).ConfigureAwait(false));
        return new LoadBalancer
        {
            Name = options.Entries.Count > 0 ? string.Join(", ", options.Entries.Select(entry => entry.Name)) : Server,
            Server = Server,
            Kind = Kind,
            Version = VersionOf(info["Version"]),
            VirtualAddress = options.Entries.Select(entry => entry.VirtualAddress).FirstOrDefault(address => address is not null),
            Uptime = info.Number("Uptime_sec") is { } seconds ? TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue)) : null,
            Sessions = info.Number("CurrConns") ?? 0,
            SessionRate = info.Number("SessRate"),
            RequestRate = overview.RequestRate,
            NearestLimit = limits.Count > 0 ? limits[0] : null,
            Limits = limits,
            Pools = pools,
            Certificates = certificates,
            // What a rendered configuration says of itself; a hand-written one may describe itself as it likes.
            Revision = info["description"] is var text && text.StartsWith("prodops-", StringComparison.Ordinal) ? text["prodops-".Length..] : null,
            Problems = [.. overview.Problems(options.Entries, master), .. Ending(certificates), .. Unread(setup)],
            Time = time.GetUtcNow(),
        };
    }

    /// <summary>What the process that serves says of itself and of its pools.</summary>
    public async Task<(HAProxyInfo Info, HAProxyTable Table)> ReadFiguresAsync(CancellationToken cancellationToken)
    {
        var info = HAProxyInfo.Parse(await AskAsync("show info", cancellationToken).ConfigureAwait(false)) ?? throw LoadBalancingErrors.NotHAProxy(Server, _sockets![0]);
        return (info, HAProxyTable.Parse((await AskAsync("show stat", cancellationToken).ConfigureAwait(false)).TrimEnd() + "\n"));
    }

    private static IEnumerable<string> Unread(HAProxySetup setup) => setup.Unreadable.Select(path => $"this user may not read {path}");

    /// <summary>The certificates that the process has in memory, where its configuration has TLS.</summary>
    private async Task<IReadOnlyList<ServedCertificate>> ReadCertificatesAsync(HAProxySetup setup, CancellationToken cancellationToken)
    {
        if (setup.Unreadable.Count == 0 && !setup.Configuration.Frontends.Any(frontend => frontend.All("bind").Any(line => line.Has("ssl")))) return [];
        var certificates = new List<ServedCertificate>();
        foreach (string[] files in HAProxyCertificates.FilesOf(await AskAsync("show ssl cert", cancellationToken).ConfigureAwait(false)).Take(MostCertificates).Chunk(CertificatesAtOnce))
            certificates.AddRange(HAProxyCertificates.Parse(await AskAsync(string.Join("; ", files.Select(file => $"show ssl cert {file}")), cancellationToken).ConfigureAwait(false)));
        return certificates;
    }

    private IEnumerable<string> Ending(IEnumerable<ServedCertificate> certificates)
    {
        var now = time.GetUtcNow();
        foreach (var certificate in certificates.Where(certificate => certificate.IsUsed).OrderBy(certificate => certificate.NotAfter))
        {
            var left = certificate.NotAfter - now;
            if (left < ShortValidity) yield return Invariant($"the certificate {certificate.Path} {(left <= TimeSpan.Zero ? "has ended" : $"ends in {left.TotalDays:0.#} days")}");
        }
    }

    private async Task<HAProxyProcesses?> TryReadMasterAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await AskMasterAsync("show proc", cancellationToken).ConfigureAwait(false) is { } text ? HAProxyProcesses.Parse(text) : null;
        }
        catch (ProdOpsException error) when (error.Kind is ErrorKind.ResourceUnavailable or ErrorKind.PermissionDenied or ErrorKind.Timeout)
        {
            // It is asked for more than its workers tell; without it there is less to say.
            return null;
        }
    }

    /// <summary>How many files the process has open, where this user may see it.</summary>
    private async Task<int?> TryCountFilesAsync(HAProxyInfo info, CancellationToken cancellationToken)
    {
        if (info.Number("Pid") is not { } pid) return null;
        var command = new ServerCommand(string.Create(CultureInfo.InvariantCulture, $"ls /proc/{pid}/fd 2>/dev/null | wc -l")) { AsRoot = _link.AsRoot, Idempotent = true, PosixLocale = true };
        var output = await shell.RunAsync(command, cancellationToken).ConfigureAwait(false);
        return int.TryParse(output.Text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0 ? count : null;
    }
}
