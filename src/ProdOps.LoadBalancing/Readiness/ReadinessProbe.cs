using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ProdOps.LoadBalancing.Load;
using ProdOps.Servers.Clocks;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Files;

namespace ProdOps.LoadBalancing.Readiness;

/// <summary>Gathers what <see cref="ReadinessJudge"/> judges: from each server of the pool by itself, and from the balancers.</summary>
/// <param name="entry">The load balancer.</param>
/// <param name="environment">The environment that it is of.</param>
/// <param name="open">Opens the shell of a server by its name.</param>
/// <param name="time">The clock.</param>
internal sealed class ReadinessProbe(LoadBalancerDefinition entry, ProdOpsEnvironment environment, Func<string, CancellationToken, Task<IServerShell>> open, TimeProvider time)
{
    /// <summary>What each server of the pool says.</summary>
    /// <param name="path">The page that is compared.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<IReadOnlyList<PoolServerFacts>> AskServersAsync(string path, CancellationToken cancellationToken)
    {
        var facts = await Task.WhenAll(entry.Pool.Select(server => AskAsync(server, path, cancellationToken))).ConfigureAwait(false);
        return await Task.WhenAll(facts.Select(async (fact, i) =>
        {
            string cookies = string.Join("; ", facts[(i + facts.Length - 1) % facts.Length].First?.Cookies.Select(cookie => $"{cookie.Name}={cookie.Value}") ?? []);
            if (cookies.Length == 0 || fact.First is null || facts.Length < 2) return fact;
            var shell = await open(fact.Server, cancellationToken).ConfigureAwait(false);
            var (answer, _) = await ServerExchange.AskAsync(shell, FrontDoor.Of(entry, environment, fact.Server, path), Host, cookies, cancellationToken).ConfigureAwait(false);
            return fact with { WithForeignCookies = answer };
        })).ConfigureAwait(false);
    }

    /// <summary>The certificate on each balancer; the key stays there.</summary>
    public async Task<IReadOnlyList<BalancerCertificate>> ReadCertificatesAsync(CancellationToken cancellationToken) =>
        entry.Certificate is not { } path ? [] : await Task.WhenAll(entry.Servers.Select(async server =>
        {
            try
            {
                var shell = await open(server, cancellationToken).ConfigureAwait(false);
                var command = new ServerCommand($"sed -n '/-BEGIN CERTIFICATE-/,/-END CERTIFICATE-/p' {ShellQuote.Word(path)}") { AsRoot = true, PosixLocale = true, Idempotent = true };
                using var certificate = X509Certificate2.CreateFromPem((await shell.RunAsync(command, cancellationToken).ConfigureAwait(false)).Text);
                return new BalancerCertificate(server, certificate.GetCertHashString(HashAlgorithmName.SHA256), certificate.NotAfter);
            }
            catch (Exception error) when (error is CryptographicException or ArgumentException)
            {
                return new BalancerCertificate(server, "", default);
            }
        })).ConfigureAwait(false);

    /// <summary>How shared data differs between the servers of the pool.</summary>
    public async Task<SharedDataFacts> CompareAsync(SharedDataDefinition data, IActivity activity, CancellationToken cancellationToken)
    {
        try
        {
            var trees = await Task.WhenAll(entry.Pool.Select(async server => await ItemReader.ReadAsync(await open(server, cancellationToken).ConfigureAwait(false), data.Path, true, activity, cancellationToken).ConfigureAwait(false))).ConfigureAwait(false);
            if (trees.All(tree => tree.Tree.Root is null)) return new SharedDataFacts(data.Path, 0, [], "", "no server has it");
            var items = new ItemComparer(data.Path, trees) { Reference = ReferenceOf(entry, data) }.Compare().Where(item => !item.IsEqual).ToList();
            return new SharedDataFacts(data.Path, items.Count, [.. items.SelectMany(item => item.DifferentServers).Distinct()], items.FirstOrDefault()?.Path ?? "", "")
            {
                IsCopied = data.Method == SharedDataMethod.Rsync,
                Extra = items.Count(item => item.Versions.Any(version => version is { IsReference: true, IsMissing: true })),
            };
        }
        catch (ProdOpsException error)
        {
            return new SharedDataFacts(data.Path, 0, [], "", error.Message);
        }
    }

    /// <summary>The server whose copy is right; <see langword="null"/> where none is more so than the others.</summary>
    public static string? ReferenceOf(LoadBalancerDefinition entry, SharedDataDefinition data) => data.Method == SharedDataMethod.Rsync ? data.From ?? entry.Pool[0] : null;

    private string Host => entry.CheckHost ?? entry.Name;

    private async Task<PoolServerFacts> AskAsync(string server, string path, CancellationToken cancellationToken)
    {
        var facts = new PoolServerFacts { Server = server };
        try
        {
            var shell = await open(server, cancellationToken).ConfigureAwait(false);
            if (entry.Check is { } check)
            {
                var (health, problem) = await ServerExchange.AskAsync(shell, FrontDoor.Of(entry, environment, server, check), Host, null, cancellationToken).ConfigureAwait(false);
                facts = facts with { Health = health, HealthProblem = problem };
            }

            var url = FrontDoor.Of(entry, environment, server, path);
            var (first, why) = await ServerExchange.AskAsync(shell, url, Host, null, cancellationToken).ConfigureAwait(false);
            var (second, _) = await ServerExchange.AskAsync(shell, url, Host, null, cancellationToken).ConfigureAwait(false);
            return facts with { First = first, Second = second, Problem = why, Clock = (await new ClockReader(time).MeasureAsync(shell, cancellationToken).ConfigureAwait(false)).Offset };
        }
        catch (ProdOpsException error)
        {
            return facts with { HealthProblem = error.Message, Problem = error.Message };
        }
    }
}
