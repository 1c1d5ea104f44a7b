using ProdOps.Backup.Archiving.Streams;
using ProdOps.Servers;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;

namespace ProdOps.Backup.Databases;

/// <summary>What is to be read from a machine by a command and by databases' clients.</summary>
internal sealed record StreamRequest
{
    public string? FromCommand { get; init; }

    public string StdinFileName { get; init; } = "stdin";

    public IReadOnlyList<string> PostgreSqlNames { get; init; } = [];

    public IReadOnlyList<string> MariaDbNames { get; init; } = [];

    public IReadOnlyList<string> SqlitePaths { get; init; } = [];

    public bool Redis { get; init; }

    public DatabaseAccess Access { get; init; } = new();

    public bool AsRoot { get; init; }
}

/// <summary>The files that a machine's commands and databases make, found by asking it.</summary>
internal sealed class StreamPlan
{
    private readonly List<StreamFile> _files = [];
    private readonly List<string> _paths = [];
    private readonly List<string> _tags = [];

    private StreamPlan()
    {
    }

    public IReadOnlyList<StreamFile> Files => _files;

    /// <summary>What the snapshot names. Where all databases are wanted it is their folder, so that a new one does not begin a new series.</summary>
    public IReadOnlyList<string> Paths => _paths;

    /// <summary>The kinds of databases.</summary>
    public IReadOnlyList<string> Tags => _tags;

    /// <summary>Asks a machine for its databases.</summary>
    /// <exception cref="ProdOpsException">One that is wanted is not there, or its server does not answer.</exception>
    public static async Task<StreamPlan> CreateAsync(StreamRequest request, IServerShell shell, IActivity activity, CancellationToken cancellationToken)
    {
        var plan = new StreamPlan();
        var (access, asRoot) = (request.Access, request.AsRoot);
        if (request.FromCommand is { } command)
        {
            var printed = new ServerCommand(command) { AsRoot = asRoot };
            var file = new StreamFile($"/{request.StdinFileName.TrimStart('/')}", printed, $"the output of '{ServersErrors.Shorten(command)}'") { Permissions = 0x1A4 }; // 0644, as restic has it
            plan.Add([file], tag: null, all: null);
        }
        if (request.PostgreSqlNames is { Count: > 0 } names)
            plan.Add(await PostgreSql.PlanAsync(shell, names, access, asRoot, activity, cancellationToken), PostgreSql.Tag, names.Contains("*") ? PostgreSql.Folder : null);
        if (request.MariaDbNames is { Count: > 0 } others)
            plan.Add(await MariaDb.PlanAsync(shell, others, access, asRoot, activity, cancellationToken), MariaDb.Tag, others.Contains("*") ? MariaDb.Folder : null);
        if (request.SqlitePaths is { Count: > 0 } paths) plan.Add(await Sqlite.PlanAsync(shell, paths, asRoot, cancellationToken), Sqlite.Tag, all: null);
        if (request.Redis) plan.Add(await Redis.PlanAsync(shell, access, asRoot, cancellationToken), Redis.Tag, all: null);
        return plan;
    }

    private void Add(IReadOnlyList<StreamFile> files, string? tag, string? all)
    {
        _files.AddRange(files);
        _paths.AddRange(all is null ? files.Select(file => file.Path) : [all]);
        if (tag is not null) _tags.Add(tag);
    }
}
