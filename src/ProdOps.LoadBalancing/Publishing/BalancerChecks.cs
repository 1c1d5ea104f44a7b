using System.Globalization;
using System.Runtime.CompilerServices;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Publishing;

/// <summary>Checks whether a server is ready to be the balancer that the environment says it is. None of it changes anything.</summary>
/// <param name="server">The server's name.</param>
/// <param name="shell">The server.</param>
/// <param name="time">The clock.</param>
internal sealed class BalancerChecks(string server, IServerShell shell, TimeProvider time)
{
    private static readonly TimeSpan ShortValidity = TimeSpan.FromDays(14);

    /// <summary>The results for those of the entries that name the server, one by one.</summary>
    public async IAsyncEnumerable<EnvironmentCheck> RunAsync(IEnumerable<LoadBalancerDefinition> entries, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var kind in entries.Where(entry => entry.Servers.Contains(server, StringComparer.OrdinalIgnoreCase)).GroupBy(entry => entry.Kind))
        {
            var facts = await BalancerFacts.ReadAsync(shell, "/var/lib/prodops/balancer", kind.Key, [], asRoot: false, cancellationToken).ConfigureAwait(false);
            string program = kind.Key == LoadBalancerKind.HAProxy ? "haproxy" : "nginx";
            if (!facts.HasProgram)
            {
                var missing = LoadBalancingErrors.ProgramMissing(server, program);
                yield return Result("Balancer", EnvironmentCheckStatus.Failed, missing.ErrorId, missing.Message, missing.Recommendation);
                continue;
            }

            yield return Result("Balancer", EnvironmentCheckStatus.Passed, null, $"{program} {facts.Version} is installed.", null);
            foreach (var entry in kind.Where(entry => entry.VirtualAddress is not null)) yield return Address(entry, facts);
            foreach (string path in kind.Select(entry => entry.Certificate).OfType<string>().Distinct()) yield return await CertificateAsync(path, cancellationToken).ConfigureAwait(false);
        }
    }

    private EnvironmentCheck Address(LoadBalancerDefinition entry, BalancerFacts facts)
    {
        if (!facts.HasKeepalived)
        {
            var missing = LoadBalancingErrors.ProgramMissing(server, "keepalived");
            return Result("VirtualAddress", EnvironmentCheckStatus.Failed, missing.ErrorId, missing.Message, missing.Recommendation);
        }

        if (facts.LinkTo(entry.VirtualAddress!, entry.VirtualInterface) is { } link)
            return Result("VirtualAddress", EnvironmentCheckStatus.Passed, null, $"{entry.VirtualAddress} is of a network of {link.Interface} ({link.Address}/{link.PrefixLength.ToString(CultureInfo.InvariantCulture)}).", null);
        var error = LoadBalancingErrors.NoNetwork(server, entry.Name, entry.VirtualAddress!);
        return Result("VirtualAddress", EnvironmentCheckStatus.Failed, error.ErrorId, error.Message, error.Recommendation);
    }

    private async Task<EnvironmentCheck> CertificateAsync(string path, CancellationToken cancellationToken)
    {
        string text;
        try
        {
            var command = new ServerCommand($"f={ShellQuote.Word(path)}; [ -e \"$f\" ] || exit 44; sed -n '/-BEGIN CERTIFICATE-/,/-END CERTIFICATE-/p' \"$f\"") { AsRoot = true, Idempotent = true };
            var output = await shell.RunAsync(command, cancellationToken).ConfigureAwait(false);
            if (!output.Exit.Succeeded)
                return Result("Certificate", EnvironmentCheckStatus.Failed, "LoadBalancerCertificateUnreadable", $"The certificate '{path}' {(output.Exit.Code == 44 ? "is not there" : "cannot be read")}.", "Update-LoadBalancerCertificate puts one there.");
            text = output.Text;
        }
        catch (ProdOpsException error)
        {
            return Result("Certificate", EnvironmentCheckStatus.Warning, error.ErrorId, $"The certificate '{path}' cannot be looked at: {error.Message}", error.Recommendation);
        }

        if (CertificateFile.TryDescribe(text) is not { } certificate)
            return Result("Certificate", EnvironmentCheckStatus.Failed, "LoadBalancerCertificateInvalid", $"'{path}' has no certificate in PEM form.", "Update-LoadBalancerCertificate puts one there.");
        var left = certificate.NotAfter - time.GetUtcNow();
        string until = string.Create(CultureInfo.InvariantCulture, $"The certificate '{path}' for {string.Join(", ", certificate.Names)} is valid until {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm}Z.");
        return left > ShortValidity ? Result("Certificate", EnvironmentCheckStatus.Passed, null, until, null)
            : Result("Certificate", left > TimeSpan.Zero ? EnvironmentCheckStatus.Warning : EnvironmentCheckStatus.Failed, "LoadBalancerCertificateExpiring", until, "Renew it: Update-LoadBalancerCertificate.");
    }

    private EnvironmentCheck Result(string check, EnvironmentCheckStatus status, string? id, string message, string? recommendation) =>
        new() { Check = check, Status = status, ErrorId = id, Server = server, Message = message, Recommendation = recommendation };
}
