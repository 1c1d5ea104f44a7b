using System.Security.Cryptography;
using ProdOps.Backup.Archiving.Servers;
using ProdOps.Backup.Browsing;
using ProdOps.Servers;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;

namespace ProdOps.Backup.Databases.Loading;

/// <summary>Where a dump goes and how.</summary>
internal sealed record DatabaseLoadOptions
{
    /// <summary>How the database server is reached.</summary>
    public DatabaseAccess Access { get; init; } = new();

    /// <summary>Another name than the dumped database's; of SQLite and Redis a file's path.</summary>
    public string? Name { get; init; }

    /// <summary>Whether what bears the name is replaced.</summary>
    public bool Force { get; init; }

    /// <summary>Whether clients run as root, by sudo.</summary>
    public bool AsRoot { get; init; }

    /// <summary>PostgreSQL: whether roles of the snapshot that the server lacks are made first.</summary>
    public bool Roles { get; init; }

    /// <summary>PostgreSQL: whether all belongs to the user who loads it, without the rights that the dump gives.</summary>
    public bool NoOwner { get; init; }

    /// <summary>PostgreSQL: whether the tablespaces of the dump are passed over.</summary>
    public bool NoTablespaces { get; init; }
}

/// <summary>
/// Brings a dump of a snapshot back into a database. What bears the database's name is at each moment either what was there or, as far as
/// the kind of database allows it, the whole of what was loaded.
/// </summary>
internal abstract class DatabaseLoad(IServerShell shell, DatabaseDump dump, DatabaseLoadOptions options, IActivity activity, TimeProvider time)
{
    /// <summary>How long putting away what a stopped restore has begun may take.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);

    public static DatabaseLoad Create(IServerShell shell, DatabaseDump dump, DatabaseLoadOptions options, IActivity activity, TimeProvider time) => dump.Kind switch
    {
        DatabaseKind.PostgreSql => new PostgreSqlLoad(shell, dump, options, activity, time),
        DatabaseKind.MariaDb => new MariaDbLoad(shell, dump, options, activity, time),
        DatabaseKind.Sqlite => new SqliteLoad(shell, dump, options, activity, time),
        _ => new RedisLoad(shell, dump, options, activity, time),
    };

    public DatabaseDump Dump => dump;

    /// <summary>The database that is made or replaced; of SQLite and Redis a file.</summary>
    public virtual string Database => options.Name ?? dump.Name;

    /// <summary>Whether something bears the name already. Known after <see cref="CheckAsync"/>.</summary>
    public bool Replaces { get; private set; }

    protected IServerShell Shell => shell;

    protected DatabaseLoadOptions Options => options;

    protected IActivity Activity => activity;

    /// <summary>Finds out what bears the name.</summary>
    /// <exception cref="ProdOpsException"><c>DatabaseExists</c>, unless it may be replaced; or the server does not answer.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        Replaces = await ExistsAsync(cancellationToken);
        if (Replaces && !options.Force) throw BackupErrors.DatabaseExists(shell.Name, dump.Kind, Database);
    }

    /// <summary>Loads the dump, after <see cref="CheckAsync"/>.</summary>
    /// <exception cref="ProdOpsException"><c>DatabaseLoadFailed</c>, which says what is left; the connection was lost; or the repository is damaged.</exception>
    public abstract Task RunAsync(SnapshotBrowser snapshot, CancellationToken cancellationToken);

    protected abstract Task<bool> ExistsAsync(CancellationToken cancellationToken);

    /// <summary>Removes what <see cref="RunAsync"/> has made, for what is only tried.</summary>
    public virtual Task DropAsync() => Task.CompletedTask;

    /// <summary>A name that nothing else bears.</summary>
    public static string NewName(string beginning) => beginning + RandomNumberGenerator.GetHexString(10, lowercase: true);

    /// <summary>Runs a command that gets a stream after the password and must end with 0, having taken all of it.</summary>
    /// <param name="command">The command.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="left">What a failure leaves, as a sentence.</param>
    /// <param name="cancellationToken">Stops.</param>
    protected async Task SendAsync(ServerCommand command, Stream input, string left, CancellationToken cancellationToken)
    {
        byte[] password = await PasswordInput.ReadLineAsync(options.Access.Password, cancellationToken);
        string title = $"Restoring {dump}";
        Task<Complaints>? printed = null, complaints = null;
        try
        {
            await using var process = await shell.StartAsync(command, cancellationToken);
            printed = Complaints.ReadAsync(process.StandardOutput, cancellationToken);
            complaints = Complaints.ReadAsync(process.StandardError, cancellationToken);
            using var told = ToldStream.Create(input, title, activity, time);
            // What the repository cannot give is the reason to tell, not what the program says of a dump that ends too soon.
            await process.SendInputAsync(new CommandRunOptions { Input = password, InputStream = told }, cancellationToken);
            var said = (await complaints).Lines;
            await printed;
            var exit = await process.WaitForExitAsync(cancellationToken);
            if (!exit.Succeeded || input.Position < input.Length) throw BackupErrors.DatabaseLoadFailed(shell.Name, dump.Kind, Database, exit, said, left);
            foreach (string line in said.Take(20)) activity.Warning($"{shell.Name}: {ServersErrors.Printable(line)}");
        }
        catch (Exception exception) when (left.Length > 0 && exception is not ProdOpsException { ErrorId: BackupErrors.DatabaseLoadFailedId })
        {
            // A lost connection, a damaged repository and Ctrl+C do not know what they leave.
            activity.Warning($"{shell.Name}: {left}");
            throw;
        }
        finally
        {
            Array.Clear(password);
            activity.Progress(new ActivityProgress(title, "", Completed: true));
            if (printed is not null && complaints is not null) await Task.WhenAll((Task)printed, complaints).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Runs a short command that must end with 0.</summary>
    protected async Task<CommandOutput> RunCommandAsync(ServerCommand command, string left, CancellationToken cancellationToken)
    {
        byte[] password = await PasswordInput.ReadLineAsync(options.Access.Password, cancellationToken);
        try
        {
            var output = await shell.RunAsync(command, new CommandRunOptions { Input = password }, cancellationToken);
            string[] said = [.. output.ErrorLines.Where(line => line.Length > 0)];
            return output.Exit.Succeeded ? output : throw BackupErrors.DatabaseLoadFailed(shell.Name, dump.Kind, Database, output.Exit, said, left);
        }
        finally
        {
            Array.Clear(password);
        }
    }

    /// <summary>Loads, and if that fails or is stopped puts away what it has begun.</summary>
    /// <param name="load">What may fail.</param>
    /// <param name="undo">A command that puts it away.</param>
    /// <param name="leftover">What stays if that cannot be done either, for the warning.</param>
    protected async Task OrUndoAsync(Func<Task> load, ServerCommand undo, string leftover)
    {
        bool done = false;
        try
        {
            await load();
            done = true;
        }
        finally
        {
            // After Ctrl+C the token is used up, and what was begun must go all the same.
            if (!done) await UndoAsync(undo, leftover);
        }
    }

    protected async Task UndoAsync(ServerCommand undo, string leftover)
    {
        using var patience = new CancellationTokenSource(StopPatience, time);
        try
        {
            await RunCommandAsync(undo, "", patience.Token);
        }
        catch (Exception exception) when (exception is ProdOpsException or OperationCanceledException)
        {
            activity.Warning($"{shell.Name}: {leftover} could not be removed: {exception.Message}");
        }
    }

    /// <summary>Reads all of a stream, so that damage is met before anything is changed.</summary>
    protected static async Task ReadThroughAsync(Stream stream, CancellationToken cancellationToken)
    {
        await stream.CopyToAsync(Stream.Null, cancellationToken);
        stream.Position = 0;
    }
}
