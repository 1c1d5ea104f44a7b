using System.Management.Automation;
using ProdOps.Backup.Archiving;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Selection;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Backs up files and folders of this machine, or of servers, into a repository.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "Backup", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(BackupSnapshot), typeof(BackupSetResult))]
public sealed partial class InvokeBackup : RepositoryCmdlet
{
    private const string ServerSet = "Server";

    private readonly List<string> _paths = [];
    private readonly List<ServerReference> _servers = [];
    private bool _asked;

    /// <summary>What to back up; wildcards are expanded.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Path", HelpMessage = "Files and folders to back up; wildcards are expanded.")]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ServerSet, HelpMessage = "Files and folders of the servers to back up: full paths, taken as written.")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>What to back up, taken as it is written.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPath", HelpMessage = "Files and folders to back up, taken as written.")]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>The servers to back up.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ServerSet,
        HelpMessage = "Servers to back up over SSH: names, wildcards, role:App, group:blue, user@host:port, or server objects.")]
    [Parameter(ValueFromPipeline = true, ParameterSetName = StreamSet,
        HelpMessage = "Servers to back up over SSH: names, wildcards, role:App, group:blue, user@host:port, or server objects. Default: this machine.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public ServerReference[] Server { get; set; } = [];

    /// <summary>Reads as root on the servers.</summary>
    [Parameter(ParameterSetName = ServerSet, HelpMessage = "Reads as root on the servers, by sudo.")]
    [Parameter(ParameterSetName = StreamSet, HelpMessage = "Reads as root on the servers, by sudo.")]
    public SwitchParameter AsRoot { get; set; }

    /// <summary>The user to log in as, and the password.</summary>
    [Parameter(ParameterSetName = ServerSet, HelpMessage = ConnectionHelp.Credential)]
    [Parameter(ParameterSetName = StreamSet, HelpMessage = ConnectionHelp.Credential)]
    [Parameter(ParameterSetName = SetSet, HelpMessage = ConnectionHelp.Credential)]
    [Credential]
    [ValidateNotNull]
    public PSCredential? Credential { get; set; }

    /// <summary>Private keys to offer.</summary>
    [Parameter(ParameterSetName = ServerSet, HelpMessage = ConnectionHelp.IdentityFile)]
    [Parameter(ParameterSetName = StreamSet, HelpMessage = ConnectionHelp.IdentityFile)]
    [Parameter(ParameterSetName = SetSet, HelpMessage = ConnectionHelp.IdentityFile)]
    [ValidateNotNullOrEmpty]
    public string[] IdentityFile { get; set; } = [];

    /// <summary>Accept the key of a host that is not known yet, and remember it.</summary>
    [Parameter(ParameterSetName = ServerSet, HelpMessage = ConnectionHelp.AcceptNewHostKey)]
    [Parameter(ParameterSetName = StreamSet, HelpMessage = ConnectionHelp.AcceptNewHostKey)]
    [Parameter(ParameterSetName = SetSet, HelpMessage = ConnectionHelp.AcceptNewHostKey)]
    public SwitchParameter AcceptNewHostKey { get; set; }

    /// <summary>How long connecting and logging in may take, in seconds.</summary>
    [Parameter(ParameterSetName = ServerSet, HelpMessage = ConnectionHelp.ConnectTimeoutSec)]
    [Parameter(ParameterSetName = StreamSet, HelpMessage = ConnectionHelp.ConnectTimeoutSec)]
    [Parameter(ParameterSetName = SetSet, HelpMessage = ConnectionHelp.ConnectTimeoutSec)]
    [ValidateRange(1, 3600)]
    public int ConnectTimeoutSec { get; set; }

    /// <summary>How many servers are backed up at the same time.</summary>
    [Parameter(ParameterSetName = ServerSet, HelpMessage = "How many servers are backed up at the same time. Default: 4.")]
    [Parameter(ParameterSetName = StreamSet, HelpMessage = "How many servers are backed up at the same time. Default: 4.")]
    [Parameter(ParameterSetName = SetSet, HelpMessage = "How many servers are backed up at the same time. Default: 4.")]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = 4;

    /// <summary>Patterns of what to leave out.</summary>
    [Parameter(HelpMessage = "Patterns of what to leave out, as restic's --exclude: *, ?, [..], ** and !pattern.")]
    public string[] Exclude { get; set; } = [];

    /// <summary>Patterns of what to leave out, whatever the case of letters.</summary>
    [Parameter(HelpMessage = "As -Exclude, ignoring the case of letters.")]
    [Alias("IExclude")]
    public string[] ExcludeIgnoreCase { get; set; } = [];

    /// <summary>Files with a pattern a line.</summary>
    [Parameter(HelpMessage = "Files that hold exclude patterns, one a line; # begins a comment.")]
    public string[] ExcludeFile { get; set; } = [];

    /// <summary>Leaves out the contents of folders that hold a file of this name.</summary>
    [Parameter(HelpMessage = "Leaves out the contents of a folder that holds a file of this name; NAME:HEADER also looks at how the file begins.")]
    public string[] ExcludeIfPresent { get; set; } = [];

    /// <summary>Leaves out caches marked by a CACHEDIR.TAG file.</summary>
    [Parameter(HelpMessage = "Leaves out the contents of folders marked as caches by a CACHEDIR.TAG file.")]
    public SwitchParameter ExcludeCaches { get; set; }

    /// <summary>Leaves out files larger than this many bytes.</summary>
    [Parameter(HelpMessage = "Leaves out files larger than this many bytes; 100MB works too.")]
    [ValidateRange(1, long.MaxValue)]
    public long ExcludeLargerThan { get; set; }

    /// <summary>Does not go into other file systems mounted below the paths.</summary>
    [Parameter(HelpMessage = "Stays on the file systems the paths are on.")]
    public SwitchParameter OneFileSystem { get; set; }

    /// <summary>Tags for the snapshot.</summary>
    [Parameter(HelpMessage = "Tags for the snapshot.")]
    public string[] Tag { get; set; } = [];

    /// <summary>The host name to record.</summary>
    [Parameter(HelpMessage = "The host name to record. Default: this host's, or the server's own.")]
    [Alias("Host")]
    [ValidateNotNullOrEmpty]
    public string? HostName { get; set; }

    /// <summary>The time to record.</summary>
    [Parameter(HelpMessage = "The time to record. Default: now.")]
    public DateTimeOffset Time { get; set; }

    /// <summary>The snapshot to find changes against.</summary>
    [Parameter(HelpMessage = "The snapshot to find changes against. Default: the newest of the same host and paths.")]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Parent { get; set; }

    /// <summary>Reads every file again; of sets, runs those that are not due as well.</summary>
    [Parameter(HelpMessage = "Reads every file, changed or not. With -Name, runs the sets that are not due as well.")]
    public SwitchParameter Force { get; set; }

    /// <summary>Ignores inode numbers when looking for changes.</summary>
    [Parameter(HelpMessage = "Ignores inode numbers when looking for changes; for file systems that make them up.")]
    public SwitchParameter IgnoreInode { get; set; }

    /// <summary>Ignores change times when looking for changes.</summary>
    [Parameter(HelpMessage = "Ignores change times (ctime) when looking for changes.")]
    [Alias("IgnoreCtime")]
    public SwitchParameter IgnoreChangeTime { get; set; }

    /// <summary>Stores access times.</summary>
    [Parameter(HelpMessage = "Stores access times (atime).")]
    [Alias("WithAtime")]
    public SwitchParameter WithAccessTime { get; set; }

    /// <summary>Writes no snapshot if nothing has changed.</summary>
    [Parameter(HelpMessage = "Writes no snapshot if nothing differs from the parent.")]
    public SwitchParameter SkipIfUnchanged { get; set; }

    /// <summary>How hard to compress.</summary>
    [Parameter(HelpMessage = "How hard to compress: Auto, Max or Off.")]
    public BackupCompression Compression { get; set; }

    /// <summary>The size of pack files in MiB.</summary>
    [Parameter(HelpMessage = "The size of the repository's pack files in MiB.")]
    [ValidateRange(BlobWriterOptions.MinimumPackSize >> 20, BlobWriterOptions.MaximumPackSize >> 20)]
    public int PackSize { get; set; } = 16;

    /// <summary>Does not read every blob back before it is stored.</summary>
    [Parameter(HelpMessage = "Does not decrypt, unpack and compare each piece before it is stored. Saves time, and no longer finds faulty memory.")]
    public SwitchParameter NoExtraVerify { get; set; }

    /// <summary>How long to wait for somebody else's lock.</summary>
    [Parameter(HelpMessage = "How long to wait while somebody else holds the repository's exclusive lock.")]
    public TimeSpan RetryLock { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken) => InvokeAsync(() =>
    {
        _asked = true;
        if (ParameterSetName is ServerSet or StreamSet) _servers.AddRange(Server);
        else foreach (string path in ParameterSetName == "Path" ? Path : LiteralPath) AddPath(path);
        return true;
    });

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName == SetSet)
        {
            await RunSetsAsync(cancellationToken);
            return;
        }
        if (ParameterSetName == ServerSet)
        {
            await BackUpServersAsync(cancellationToken);
            return;
        }
        if (ParameterSetName == StreamSet)
        {
            await BackUpStreamsAsync(cancellationToken);
            return;
        }
        if (_paths.Count == 0) return;
        string location = await GetLocationAsync();
        var decision = await DecideAsync(location, $"Back up {string.Join(", ", _paths)}");
        if (decision == ChangeDecision.Refuse) return;
        bool dryRun = decision == ChangeDecision.Plan;
        var repository = await OpenRepositoryAsync(cancellationToken, dryRun);
        await WriteObjectAsync(await WithLocalHooksAsync(() => BackupRun.RunAsync(repository, CreateRequest(dryRun), Activity, cancellationToken), dryRun, cancellationToken));
    }

    private void AddPath(string path)
    {
        try
        {
            if (ParameterSetName == "LiteralPath" || !WildcardPattern.ContainsWildcardCharacters(path)) _paths.Add(GetUnresolvedProviderPathFromPSPath(path));
            else _paths.AddRange(GetResolvedProviderPathFromPSPath(path, out _));
        }
        catch (Exception e) when (e is ItemNotFoundException or System.Management.Automation.DriveNotFoundException or ProviderNotFoundException)
        {
            WriteError(new ErrorRecord(e, "SourceNotFound", ErrorCategory.ObjectNotFound, path));
        }
    }

    private BackupRequest CreateRequest(bool dryRun) => CreateRequest(dryRun, _paths) with { HostName = HostName ?? LocalHost.Name, UserName = LocalHost.UserName };

    private BackupRequest CreateRequest(bool dryRun, IEnumerable<string> paths) => new()
    {
        Paths = [.. paths.Select(TrimSlash).Distinct(StringComparer.Ordinal)],
        Selection = new SelectionRules
        {
            Excludes = Exclude,
            InsensitiveExcludes = ExcludeIgnoreCase,
            ExcludeFiles = [.. ExcludeFile.Select(GetUnresolvedProviderPathFromPSPath)],
            ExcludeIfPresent = ExcludeIfPresent,
            ExcludeCaches = ExcludeCaches,
            ExcludeLargerThan = ExcludeLargerThan == 0 ? null : ExcludeLargerThan,
            OneFileSystem = OneFileSystem,
        },
        HostName = HostName ?? "",
        UserName = "",
        Time = Time == default ? null : Time,
        Tags = Tag,
        Parent = Parent,
        Force = Force,
        IgnoreInode = IgnoreInode,
        IgnoreChangeTime = IgnoreChangeTime,
        WithAccessTime = WithAccessTime,
        SkipIfUnchanged = SkipIfUnchanged,
        DryRun = dryRun,
        Writing = new BlobWriterOptions
        {
            Compression = Compression,
            PackSize = PackSize * 1024 * 1024,
            VerifyAfterSeal = !NoExtraVerify,
        },
        RetryLock = RetryLock,
    };

    // A folder named with a trailing slash is the same folder, and the same parent snapshot.
    private static string TrimSlash(string path) => path.Length > 1 ? path.TrimEnd('/') is { Length: > 0 } trimmed ? trimmed : "/" : path;
}
