using System.Management.Automation;
using System.Security;
using ProdOps.Backup;
using ProdOps.Backup.Copying;
using ProdOps.Backup.Repositories;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Places;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Copies backups from one repository to another.</summary>
[Cmdlet(VerbsCommon.Copy, "Backup", SupportsShouldProcess = true)]
[OutputType(typeof(BackupCopy))]
public sealed class CopyBackup : SelectingCmdlet
{
    // By source, the backups that were asked for; none is all.
    private readonly Dictionary<string, HashSet<string>> _asked = new(StringComparer.Ordinal);
    private Repository? _target;

    /// <summary>Where to copy them.</summary>
    [Parameter(Mandatory = true, HelpMessage = "The repository to copy to: a folder, a location as restic writes it, or a name in the environment.")]
    [ArgumentCompleter(typeof(RepositoryCompleter))]
    [ValidateNotNullOrEmpty]
    public string To { get; set; } = "";

    /// <summary>The password of the repository to copy to.</summary>
    [Parameter(HelpMessage = "The password of the repository to copy to.")]
    public SecureString? ToPassword { get; set; }

    /// <summary>A file that holds it.</summary>
    [Parameter(HelpMessage = "A file that holds the password of the repository to copy to. Default: the environment file's, else the one that -Repository would get.")]
    [ValidateNotNullOrEmpty]
    public string? ToPasswordFile { get; set; }

    /// <summary>The name of an environment variable that holds it.</summary>
    [Parameter(HelpMessage = "The name of the environment variable that holds the password of the repository to copy to.")]
    [ArgumentCompleter(typeof(VariableNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ToPasswordVariable { get; set; }

    /// <summary>A command that prints it.</summary>
    [Parameter(HelpMessage = "A command whose output is the password of the repository to copy to.")]
    [ValidateNotNullOrEmpty]
    public string? ToPasswordCommand { get; set; }

    /// <summary>How hard to compress.</summary>
    [Parameter(HelpMessage = "How hard to compress: Auto keeps what is compressed already, Max and Off compress anew.")]
    public BackupCompression Compression { get; set; }

    /// <summary>The size of pack files in MiB.</summary>
    [Parameter(HelpMessage = "The size of the pack files that are made, in MiB.")]
    [ValidateRange(BlobWriterOptions.MinimumPackSize >> 20, BlobWriterOptions.MaximumPackSize >> 20)]
    public int PackSize { get; set; } = 16;

    /// <summary>Does not read every blob back before it is stored.</summary>
    [Parameter(HelpMessage = "Does not decrypt, unpack and compare each piece before it is stored. Saves time, and no longer finds faulty memory.")]
    public SwitchParameter NoExtraVerify { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        string location = await GetLocationAsync();
        if (!_asked.TryGetValue(location, out var ids)) _asked.Add(location, ids = new HashSet<string>(StringComparer.Ordinal));
        ids.UnionWith(Id);
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_asked.Count == 0) return;
        var place = await FindPlaceAsync(To);
        foreach (var (location, ids) in _asked)
        {
            var decision = await DecideAsync(place.Location, $"Copy {(ids.Count == 0 ? "backups" : $"{ids.Count} backups")} from {location}");
            if (decision == ChangeDecision.Refuse) continue;
            if (place.Location == location) throw BackupErrors.CopySameRepository(location);
            await ReadAsync(async (source, token) =>
            {
                var snapshots = await FindSnapshotsAsync(source, ids, token);
                var target = await OpenTargetAsync(place, token);
                await foreach (var copy in CopyRun.RunAsync(source, target, CreateRequest(snapshots, decision == ChangeDecision.Plan), Activity, token)) await WriteObjectAsync(copy);
            }, cancellationToken, location: location);
        }

        await base.EndAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async ValueTask ReleaseAsync()
    {
        if (_target is not null) await _target.DisposeAsync();
        await base.ReleaseAsync();
    }

    private async Task<Repository> OpenTargetAsync(RepositoryPlace place, CancellationToken cancellationToken)
    {
        if (_target is not null) return _target;
        var given = PasswordSources.FromParameters(ToPassword, ToPasswordFile is null ? null : await ResolvePathAsync(ToPasswordFile), ToPasswordVariable, ToPasswordCommand) ?? PasswordOf(place);
        using var password = given is null ? await ResolvePasswordAsync(place, cancellationToken) : await given.ResolveAsync(cancellationToken);
        return _target = await OpenAsync(place, password, dryRun: false, cancellationToken);
    }

    private CopyRequest CreateRequest(IReadOnlyList<SnapshotFile> snapshots, bool dryRun)
    {
        var request = new CopyRequest { Snapshots = snapshots, DryRun = dryRun, RetryLock = RetryLock };
        return request with { Writing = request.Writing with { Compression = Compression, PackSize = PackSize << 20, VerifyAfterSeal = !NoExtraVerify } };
    }
}
