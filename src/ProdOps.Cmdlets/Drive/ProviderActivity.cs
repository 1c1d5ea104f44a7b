using System.Collections.Concurrent;
using System.Management.Automation.Provider;
using ProdOps.Cmdlets.Common;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.Drive;

/// <summary>Keeps what the engine tells until the provider's thread writes it: PowerShell takes it from no other.</summary>
internal sealed class ProviderActivity : IActivity
{
    private readonly ConcurrentQueue<Action<CmdletProvider>> _told = [];

    /// <inheritdoc/>
    public void Verbose(string message) => _told.Enqueue(provider => provider.WriteVerbose(SecretRedactor.Shared.Redact(message)));

    /// <inheritdoc/>
    public void Warning(string message) => _told.Enqueue(provider => provider.WriteWarning(SecretRedactor.Shared.Redact(message)));

    /// <inheritdoc/>
    public void Error(ProdOpsException error) => _told.Enqueue(provider => provider.WriteError(ErrorMapper.ToErrorRecord(error)));

    /// <inheritdoc/>
    public void Progress(ActivityProgress progress)
    {
    }

    public void WriteTo(CmdletProvider provider)
    {
        while (_told.TryDequeue(out var write)) write(provider);
    }
}
