using System.Management.Automation;
using ProdOps.Cmdlets.Drive;

namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes the ids of keys.</summary>
internal sealed class KeyCompleter : BackupCompleter
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<CompletionResult>> CompleteAsync(RepositoryView view, string word, BoundValues bound)
    {
        var keys = await view.Repository.ListKeysAsync(SilentActivity.Instance, CancellationToken.None);
        return
        [
            .. keys.Where(key => key.Id.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                .Select(key => CompletionText.Value(key.ShortId, toolTip: $"{key.UserName} on {key.HostName}, {FormatHelper.Moment(key.Created)}")),
        ];
    }
}
