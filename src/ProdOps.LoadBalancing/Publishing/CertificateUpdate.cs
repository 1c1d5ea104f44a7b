using System.Text;
using ProdOps.LoadBalancing.HAProxy;
using ProdOps.LoadBalancing.HAProxy.Replies;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Publishing;

/// <summary>
/// Puts a certificate on a balancer: the file in one step, readable by root alone, the former one kept; then HAProxy takes it at runtime, without a reload, and nginx by one.
/// </summary>
/// <param name="shell">The balancer's server.</param>
/// <param name="entries">The entries that use it: of one kind, with one path.</param>
/// <param name="options">How.</param>
/// <param name="time">The clock.</param>
internal sealed class CertificateUpdate(IServerShell shell, IReadOnlyList<LoadBalancerDefinition> entries, PublishOptions options, TimeProvider time)
{
    private readonly string _path = entries[0].Certificate!;

    /// <summary>What would be done. Nothing is changed.</summary>
    public async Task<LoadBalancerCertificate> PlanAsync(CertificateFile certificate, bool mayLoseNames, CancellationToken cancellationToken)
    {
        // The certificates alone: the key stays where it is.
        var output = await shell.RunAsync(new ServerCommand($"f={ShellQuote.Word(_path)}; [ ! -e \"$f\" ] || sed -n '/-BEGIN CERTIFICATE-/,/-END CERTIFICATE-/p' \"$f\"") { AsRoot = options.AsRoot, Idempotent = true }, cancellationToken).ConfigureAwait(false);
        var before = CertificateFile.TryDescribe(output.EnsureSuccess().Text);
        string[] gone = [.. (before?.Names ?? []).Except(certificate.Names, StringComparer.OrdinalIgnoreCase)];
        if (gone.Length > 0 && !mayLoseNames) throw LoadBalancingErrors.CertificateNamesGone(shell.Name, gone);
        return new LoadBalancerCertificate
        {
            LoadBalancer = string.Join(",", entries.Select(entry => entry.Name)),
            Server = shell.Name,
            Path = _path,
            Status = before?.Fingerprint == certificate.Fingerprint ? LoadBalancerPublicationStatus.Unchanged : LoadBalancerPublicationStatus.Planned,
            Names = certificate.Names,
            Issuer = certificate.Issuer,
            NotBefore = certificate.NotBefore,
            NotAfter = certificate.NotAfter,
            Fingerprint = certificate.Fingerprint,
            PreviousFingerprint = before?.Fingerprint,
            PreviousNotAfter = before?.NotAfter,
            Warnings = [.. certificate.Warnings, .. gone.Select(name => $"the one before was for {name} too")],
        };
    }

    /// <summary>Carries it out.</summary>
    /// <exception cref="ProdOpsException">It was refused, and the former one is there again.</exception>
    public async Task<LoadBalancerCertificate> RunAsync(LoadBalancerCertificate plan, CertificateFile certificate, CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        var store = new BalancerStore(shell, options.FolderOf(entries[0].Kind), options.AsRoot);
        await using var held = await BalancerLock.TakeAsync(shell, store.LockFile, $"{options.By} since {time.GetUtcNow():yyyy-MM-dd HH:mm:ss}Z", options.AsRoot, time, cancellationToken).ConfigureAwait(false);
        await WriteAsync(certificate.Pem, cancellationToken).ConfigureAwait(false);
        bool live;
        try
        {
            live = entries[0].Kind == LoadBalancerKind.HAProxy ? await SetAsync(certificate, cancellationToken).ConfigureAwait(false) : await ReloadNginxAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is ProdOpsException or OperationCanceledException)
        {
            await RestoreAsync().ConfigureAwait(false);
            if (error is ProdOpsException known) throw LoadBalancingErrors.PutBack(shell.Name, known);
            throw;
        }

        return plan with { Status = LoadBalancerPublicationStatus.Published, IsLive = live, Duration = time.GetElapsedTime(began) };
    }

    private async Task WriteAsync(byte[] pem, CancellationToken cancellationToken)
    {
        string script = $$"""
            set -e; umask 077
            f={{ShellQuote.Word(_path)}}; kept={{ShellQuote.Word($"{options.FolderOf(entries[0].Kind)}/certificates")}}
            mkdir -p "$kept"; (umask 022; mkdir -p "${f%/*}")
            rm -f "$kept/former"; [ ! -e "$f" ] || { cp -p "$f" "$kept/former"; cp -p "$f" "$kept/$(date -u +%Y%m%dT%H%M%SZ).pem"; chmod 600 "$kept"/*; }
            {{WholeInput.Into("\"$f.prodops-new\"", pem.Length)}} || { rm -f "$f.prodops-new"; exit 1; }
            chmod 600 "$f.prodops-new"; sync "$f.prodops-new" 2>/dev/null || sync; mv -f "$f.prodops-new" "$f"
            ls "$kept" | grep 'Z.pem$' | sort | head -n -50 | while IFS= read -r old; do rm -f "$kept/$old"; done
            """;
        (await shell.RunAsync(new ServerCommand(script) { AsRoot = options.AsRoot, PosixLocale = true }, new CommandRunOptions { Input = pem }, cancellationToken).ConfigureAwait(false)).EnsureSuccess();
    }

    private async Task RestoreAsync()
    {
        string script = $$"""
            f={{ShellQuote.Word(_path)}}; former={{ShellQuote.Word($"{options.FolderOf(entries[0].Kind)}/certificates/former")}}
            if [ -e "$former" ]; then cp -p "$former" "$f.prodops-new" && mv -f "$f.prodops-new" "$f"; else rm -f "$f"; fi
            """;
        (await shell.RunAsync(new ServerCommand(script) { AsRoot = options.AsRoot }, CancellationToken.None).ConfigureAwait(false)).EnsureSuccess();
    }

    /// <returns>False if HAProxy does not run, or does not use the file yet: then it will read it when it does.</returns>
    private async Task<bool> SetAsync(CertificateFile certificate, CancellationToken cancellationToken)
    {
        await using var balancer = new HAProxyBalancer(shell, new HAProxyBalancerOptions { Socket = entries[0].Socket, ConfigurationPath = entries[0].ConfigurationPath, Entries = entries }, time);
        if ((await balancer.ReadSetupAsync(cancellationToken).ConfigureAwait(false)).Pid is null) return false;
        string known = await balancer.AskAsync("show ssl cert", cancellationToken).ConfigureAwait(false);
        if (!known.Split('\n').Any(line => line.Trim().TrimStart('*') == _path)) return false;
        await TellAsync(balancer, $"set ssl cert {_path} <<\n{Encoding.ASCII.GetString(certificate.Pem)}", "Transaction created", "updated", cancellationToken).ConfigureAwait(false);
        try
        {
            await TellAsync(balancer, $"commit ssl cert {_path}", "Success", "Success", cancellationToken).ConfigureAwait(false);
        }
        catch (ProdOpsException)
        {
            await balancer.AskAsync($"abort ssl cert {_path}", CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        string shown = await balancer.AskAsync($"show ssl cert {_path}", cancellationToken).ConfigureAwait(false);
        if (!shown.Contains($"Serial: {certificate.Serial}", StringComparison.OrdinalIgnoreCase)) throw LoadBalancingErrors.CertificateRefused(shell.Name, "the process that serves shows another one");
        return true;
    }

    private async Task TellAsync(HAProxyBalancer balancer, string command, string good, string alsoGood, CancellationToken cancellationToken)
    {
        string said = await balancer.AskAsync(command, cancellationToken).ConfigureAwait(false);
        if (!said.Contains(good, StringComparison.Ordinal) && !said.Contains(alsoGood, StringComparison.Ordinal)) throw LoadBalancingErrors.CertificateRefused(shell.Name, HAProxyReply.Parse(said).Text);
    }

    private async Task<bool> ReloadNginxAsync(CancellationToken cancellationToken)
    {
        const string script = "PATH=$PATH:/usr/sbin:/sbin; nginx -t 2>&1 || exit 1; if pidof nginx >/dev/null; then nginx -s reload 2>&1; fi";
        var output = await shell.RunAsync(new ServerCommand(script) { AsRoot = options.AsRoot, PosixLocale = true }, cancellationToken).ConfigureAwait(false);
        if (!output.Exit.Succeeded) throw LoadBalancingErrors.CertificateRefused(shell.Name, output.Text);
        return false;
    }
}
