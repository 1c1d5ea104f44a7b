using ProdOps.Backup.Archiving.Servers;
using ProdOps.Backup.Databases.Loading;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;

namespace ProdOps.Backup.Databases.Testing;

/// <summary>A database server that is there for a test only. Disposing it stops it and removes all it had, also after Ctrl+C.</summary>
internal sealed class ScratchServer : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);

    private readonly IServerShell _shell;
    private readonly IServerProcess _process;
    private readonly Task<Complaints> _complaints;
    private readonly IActivity _activity;
    private readonly TimeProvider _time;

    private ScratchServer(IServerShell shell, IServerProcess process, DatabaseKind kind, IActivity activity, TimeProvider time)
    {
        (_shell, _process, Kind, _activity, _time) = (shell, process, kind, activity, time);
        _complaints = Complaints.ReadAsync(process.StandardError, CancellationToken.None);
    }

    public DatabaseKind Kind { get; }

    /// <summary>The folder that all of it is in.</summary>
    public string Folder { get; private set; } = "";

    /// <summary>What the server's program says of its version.</summary>
    public string Version { get; private set; } = "";

    /// <summary>How its clients reach it.</summary>
    public DatabaseAccess Access => Kind switch
    {
        DatabaseKind.PostgreSql => new DatabaseAccess { Host = Folder, Port = 5432, User = "postgres" },
        DatabaseKind.MariaDb => new DatabaseAccess { Host = Folder + "/s", User = "root", IgnoresSettings = true },
        _ => new DatabaseAccess { Host = Folder + "/s" },
    };

    /// <summary>The file that SQLite's dump is.</summary>
    public string File => Folder + "/dump";

    /// <summary>Starts a server.</summary>
    /// <param name="shell">Where.</param>
    /// <param name="kind">What.</param>
    /// <param name="parent">Where its folder is made.</param>
    /// <param name="dump">SQLite and Redis: the file.</param>
    /// <param name="activity">Hears of progress.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops; nothing is left.</param>
    /// <exception cref="ProdOpsException"><c>ScratchServerMissing</c>, <c>ScratchServerFailed</c>, or the repository is damaged.</exception>
    public static async Task<ScratchServer> StartAsync(
        IServerShell shell, DatabaseKind kind, string? parent, Stream? dump, IActivity activity, TimeProvider time, CancellationToken cancellationToken)
    {
        var command = new ServerCommand(ScratchScript.For(kind, parent, dump?.Length ?? 0)) { PosixLocale = true };
        var server = new ScratchServer(shell, await shell.StartAsync(command, cancellationToken), kind, activity, time);
        try
        {
            if (dump is not null) await server.SendAsync(dump, cancellationToken);
            // What is loaded while it starts takes as long as it is large.
            await server.WaitUntilReadyAsync(dump is null ? StartPatience : Timeout.InfiniteTimeSpan, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(StopPatience, _time);
        try
        {
            await _process.StandardInput.DisposeAsync();
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (Exception exception) when (exception is IOException or ProdOpsException or OperationCanceledException)
        {
            _activity.Warning($"{_shell.Name}: it is not known whether the scratch server is gone; its folder was '{Folder}'.");
        }
        await _process.DisposeAsync();
        await ((Task)_complaints).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task SendAsync(Stream dump, CancellationToken cancellationToken)
    {
        string title = $"Loading a dump of {DatabaseDump.NameOf(Kind)}";
        using var told = ToldStream.Create(dump, title, _activity, _time);
        try
        {
            await told.CopyToAsync(_process.StandardInput, 64 * 1024, cancellationToken);
            await _process.StandardInput.FlushAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // It has ended and says why.
        }
        finally
        {
            _activity.Progress(new ActivityProgress(title, "", Completed: true));
        }
    }

    private async Task WaitUntilReadyAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(longest, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        using var lines = new StreamReader(_process.StandardOutput, leaveOpen: true);
        try
        {
            while (await lines.ReadLineAsync(either.Token) is { } line)
            {
                if (line == "ready") return;
                if (line.StartsWith("folder ", StringComparison.Ordinal)) Folder = line[7..];
                else if (line.StartsWith("version ", StringComparison.Ordinal)) Version = line[8..];
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw BackupErrors.ScratchServerSlow(_shell.Name, Kind, longest);
        }
        var exit = await _process.WaitForExitAsync(cancellationToken);
        throw BackupErrors.ScratchServerFailed(_shell.Name, Kind, exit, (await _complaints).Lines);
    }
}
