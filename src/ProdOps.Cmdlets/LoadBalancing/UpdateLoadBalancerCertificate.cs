using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.LoadBalancing;
using ProdOps.LoadBalancing.Publishing;
using ProdOps.Servers.Commands;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>Puts a new certificate on the balancers of an entry, without a request being lost.</summary>
[Cmdlet(VerbsData.Update, "LoadBalancerCertificate", SupportsShouldProcess = true, DefaultParameterSetName = "Local")]
[OutputType(typeof(LoadBalancerCertificate))]
public sealed class UpdateLoadBalancerCertificate : PublishingCmdlet
{
    /// <summary>The PEM file here.</summary>
    [Parameter(Position = 1, Mandatory = true, ParameterSetName = "Local", HelpMessage = "The PEM file of this machine: the certificate, the chain, and the key unless -KeyPath names it.")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The key's PEM file here.</summary>
    [Parameter(ParameterSetName = "Local", HelpMessage = "The PEM file of this machine with the private key, if it is not in -Path.")]
    [ValidateNotNullOrEmpty]
    public string? KeyPath { get; set; }

    /// <summary>PEM files on the balancers.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Server", HelpMessage = "Full paths of PEM files on the balancers themselves, certificate first: /etc/letsencrypt/live/shop/fullchain.pem, /etc/letsencrypt/live/shop/privkey.pem.")]
    [ValidateNotNullOrEmpty]
    public string[] ServerPath { get; set; } = [];

    /// <summary>Accept a certificate that is for fewer names.</summary>
    [Parameter(HelpMessage = "Accept a certificate that lacks names which the present one is for.")]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var local = ParameterSetName == "Local" ? await ReadLocalAsync(cancellationToken) : null;
        var sites = await FindSitesAsync();
        var work = new List<(CertificateUpdate Update, CertificateFile Certificate, LoadBalancerCertificate Plan)>();
        foreach (var site in sites)
        {
            // Entries of a balancer may share one file.
            foreach (var entries in site.Entries.Where(entry => entry.Certificate is not null && IsWanted(entry)).GroupBy(entry => entry.Certificate, StringComparer.Ordinal))
            {
                var shell = await OpenAsync(site.Server, cancellationToken);
                var certificate = local ?? await ReadFromAsync(shell, cancellationToken);
                var update = new CertificateUpdate(shell, [.. entries], Options(), TimeProvider.System);
                work.Add((update, certificate, await update.PlanAsync(certificate, Force, cancellationToken)));
            }
        }

        // All were looked at: nothing has been changed if one refused.
        foreach (var (update, certificate, plan) in work)
        {
            var decision = plan.Status == LoadBalancerPublicationStatus.Unchanged ? ChangeDecision.Plan : await DecideAsync($"{plan.Server}: {plan.Path}", $"Replace the certificate by one for {string.Join(", ", plan.Names)} until {plan.NotAfter:yyyy-MM-dd}");
            if (decision != ChangeDecision.Refuse) await WriteObjectAsync(decision == ChangeDecision.Plan ? plan : await update.RunAsync(plan, certificate, cancellationToken));
        }
    }

    private async Task<CertificateFile> ReadLocalAsync(CancellationToken cancellationToken)
    {
        string path = await InvokeAsync(() => SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path));
        string? key = KeyPath is null ? null : await InvokeAsync(() => SessionState.Path.GetUnresolvedProviderPathFromPSPath(KeyPath));
        try
        {
            string text = await System.IO.File.ReadAllTextAsync(path, cancellationToken);
            if (key is not null) text += "\n" + await System.IO.File.ReadAllTextAsync(key, cancellationToken);
            return CertificateFile.Read(text, Path, TimeProvider.System.GetUtcNow());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw LoadBalancingErrors.CertificateUnreadable(path, error);
        }
    }

    private async Task<CertificateFile> ReadFromAsync(IServerShell shell, CancellationToken cancellationToken)
    {
        var output = await shell.RunAsync(new ServerCommand($"for f in {ShellQuote.Words(ServerPath)}; do cat -- \"$f\" || exit; echo; done") { AsRoot = true, Idempotent = true }, cancellationToken);
        if (!output.Exit.Succeeded) throw LoadBalancingErrors.CertificateUnreadable($"{shell.Name}:{string.Join(", ", ServerPath)}", cause: null);
        return CertificateFile.Read(output.Text, $"{shell.Name}:{ServerPath[0]}", TimeProvider.System.GetUtcNow());
    }
}
