using System.Globalization;
using ProdOps.Backup.Browsing;
using ProdOps.Backup.Databases.Loading;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;

namespace ProdOps.Backup.Databases.Testing;

/// <summary>How dumps are tested.</summary>
internal sealed record DatabaseTestOptions
{
    /// <summary>Where they are loaded.</summary>
    public required IServerShell Shell { get; init; }

    /// <summary>A running server in which a database is made for the test; without it a server is.</summary>
    public DatabaseAccess? Running { get; init; }

    /// <summary>Where folders of servers are made.</summary>
    public string? ScratchPath { get; init; }

    /// <summary>One statement that is asked of each database.</summary>
    public string? Query { get; init; }

    /// <summary>Makes an object of a row: the columns' names and the values.</summary>
    public Func<IReadOnlyList<string>, IReadOnlyList<string>, object> MakeRow { get; init; } = (_, values) => values;

    /// <summary>Looks at the answer: why it is not what was expected, or <see langword="null"/>.</summary>
    public Func<IReadOnlyList<object>, string?, Task<string?>> Judge { get; init; } = (_, _) => Task.FromResult<string?>(null);
}

/// <summary>Loads the dumps of a snapshot into servers that are there for it only, asks them, and puts everything away again.</summary>
internal sealed class DatabaseTest(SnapshotBrowser snapshot, DatabaseTestOptions options, IActivity activity, TimeProvider time) : IAsyncDisposable
{
    // One server for all dumps of a kind: making one takes seconds.
    private readonly Dictionary<DatabaseKind, ScratchServer> _servers = [];

    /// <summary>Tests one dump.</summary>
    /// <returns>What was found; <c>Problem</c> says what failed.</returns>
    public async Task<BackupDatabaseTest> RunAsync(DatabaseDump dump, CancellationToken cancellationToken)
    {
        long size = (await snapshot.FindAsync(dump.Path, cancellationToken))!.Size;
        var result = new BackupDatabaseTest { Kind = dump.KindName, Database = dump.Name, Path = dump.Path, Size = size, Server = options.Shell.Name, Query = options.Query };
        try
        {
            return dump.Kind is DatabaseKind.PostgreSql or DatabaseKind.MariaDb
                ? await LoadAsync(dump, result, cancellationToken)
                : await PlaceAsync(dump, result, cancellationToken);
        }
        catch (ProdOpsException error)
        {
            return result with { Problem = new BackupProblem { ErrorId = error.ErrorId, Message = error.Message, Item = dump.Path, Recommendation = error.Recommendation } };
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers.Values) await server.DisposeAsync();
        _servers.Clear();
    }

    private async Task<BackupDatabaseTest> LoadAsync(DatabaseDump dump, BackupDatabaseTest result, CancellationToken cancellationToken)
    {
        var server = options.Running is null ? await StartAsync(dump.Kind, cancellationToken) : null;
        // A server of our own gets the roles; one that is in use must not get any.
        bool makesRoles = server is { Kind: DatabaseKind.PostgreSql } && await snapshot.FindAsync(PostgreSql.Globals, cancellationToken) is not null;
        var load = DatabaseLoad.Create(options.Shell, dump, new DatabaseLoadOptions
        {
            Access = server?.Access ?? options.Running!,
            // What a server of our own is asked by must not be replaced in it.
            Name = server is null || dump.Name is "postgres" or "template1" ? DatabaseLoad.NewName("prodops_test_") : null,
            Force = server is not null,
            Roles = makesRoles,
            NoOwner = !makesRoles,
            NoTablespaces = true,
        }, activity, time);
        await load.CheckAsync(cancellationToken);
        long start = time.GetTimestamp();
        try
        {
            await load.RunAsync(snapshot, cancellationToken);
            result = result with { Version = server?.Version ?? "", Duration = time.GetElapsedTime(start) };
            if (server is { Kind: DatabaseKind.MariaDb }) await MariaDbDefiners.MakeAsync(options.Shell, load.Database, server.Access, cancellationToken);
            return await AskAsync(dump.Kind, load.Database, server?.Access ?? options.Running!, result, cancellationToken);
        }
        finally
        {
            await load.DropAsync();
        }
    }

    private async Task<BackupDatabaseTest> PlaceAsync(DatabaseDump dump, BackupDatabaseTest result, CancellationToken cancellationToken)
    {
        await using var content = await snapshot.OpenContentAsync(dump.Path, cancellationToken);
        long start = time.GetTimestamp();
        await using var server = await ScratchServer.StartAsync(options.Shell, dump.Kind, options.ScratchPath, content, activity, time, cancellationToken);
        result = result with { Version = server.Version, Duration = time.GetElapsedTime(start) };
        return await AskAsync(dump.Kind, server.File, server.Access, result, cancellationToken);
    }

    private async Task<BackupDatabaseTest> AskAsync(DatabaseKind kind, string database, DatabaseAccess access, BackupDatabaseTest result, CancellationToken cancellationToken)
    {
        var count = await DatabaseQuery.AskAsync(options.Shell, kind, database, access, DatabaseQuery.CountOf(kind), cancellationToken);
        if (!long.TryParse(count.First, NumberStyles.None, CultureInfo.InvariantCulture, out long tables)) throw BackupErrors.TestQueryFailed(options.Shell.Name, kind, database, new CommandExit(0), [$"it counts '{count.First}'"]);
        result = result with { Tables = tables };
        if (options.Query is null) return result;
        long start = time.GetTimestamp();
        var answer = await DatabaseQuery.AskAsync(options.Shell, kind, database, access, options.Query, cancellationToken);
        object[] rows = [.. answer.Rows.Select(values => options.MakeRow(answer.Columns, values))];
        result = result with { Rows = rows, Answer = answer.First, QueryDuration = time.GetElapsedTime(start) };
        if (await options.Judge(rows, answer.First) is not { } why) return result;
        var error = BackupErrors.TestAnswerUnexpected(result.Kind, result.Database, why);
        return result with { Problem = new BackupProblem { ErrorId = error.ErrorId, Message = error.Message, Item = result.Path, Recommendation = error.Recommendation } };
    }

    private async Task<ScratchServer> StartAsync(DatabaseKind kind, CancellationToken cancellationToken)
    {
        if (_servers.TryGetValue(kind, out var known)) return known;
        activity.Verbose($"{options.Shell.Name}: starting a {DatabaseDump.NameOf(kind)} of its own for the test.");
        var server = await ScratchServer.StartAsync(options.Shell, kind, options.ScratchPath, dump: null, activity, time, cancellationToken);
        activity.Verbose($"{options.Shell.Name}: {server.Version} runs in '{server.Folder}'.");
        _servers.Add(kind, server);
        return server;
    }
}
