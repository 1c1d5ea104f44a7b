using ProdOps.Backup.Archiving.Servers;
using ProdOps.Servers;
using ProdOps.Servers.Commands;

namespace ProdOps.Backup.Databases;

/// <summary>Commands around a backup, on the machine that is backed up.</summary>
/// <param name="Before">Run first; if it fails, nothing is backed up.</param>
/// <param name="After">Run last, whatever happened.</param>
/// <param name="OnFailure">Run when there is no snapshot, before <paramref name="After"/>.</param>
/// <param name="AsRoot">Whether they run as root, by sudo.</param>
internal sealed record Hooks(string? Before, string? After, string? OnFailure, bool AsRoot)
{
    /// <summary>How long the commands after a backup may take from when it is stopped.</summary>
    public TimeSpan StopPatience { get; init; } = TimeSpan.FromSeconds(30);

    public bool Any => Before is not null || After is not null || OnFailure is not null;

    /// <summary>Backs up with the hooks around it. A hook after the backup that fails is told to <paramref name="activity"/>: the snapshot is good.</summary>
    /// <exception cref="ProdOpsException"><c>HookFailed</c>, of the first hook; or what the backup failed with.</exception>
    public async Task<T> RunAsync<T>(IServerShell shell, Func<Task<T>> backup, IActivity activity, CancellationToken cancellationToken)
    {
        bool done = false;
        try
        {
            await RunAsync(shell, "Before", Before, activity, cancellationToken);
            var result = await backup();
            done = true;
            return result;
        }
        finally
        {
            using var patience = new CancellationTokenSource();
            // A server that was left for Ctrl+C gets its service started again all the same, if it does not take forever; pressed now, it counts as well.
            using var stopped = cancellationToken.Register(() => patience.CancelAfter(StopPatience));
            if (!done) await TryAsync(shell, "OnFailure", OnFailure, activity, patience.Token);
            await TryAsync(shell, "After", After, activity, patience.Token);
        }
    }

    private async Task TryAsync(IServerShell shell, string hook, string? command, IActivity activity, CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(shell, hook, command, activity, cancellationToken);
        }
        catch (ProdOpsException error)
        {
            activity.Error(error);
        }
        catch (OperationCanceledException)
        {
            activity.Warning($"{shell.Name}: the command of -{hook} was ended, since the backup was stopped and it took longer than {StopPatience.TotalSeconds:0} s.");
        }
    }

    private async Task RunAsync(IServerShell shell, string hook, string? command, IActivity activity, CancellationToken cancellationToken)
    {
        if (command is null) return;
        activity.Verbose($"{shell.Name}: running the command of -{hook}: {ServersErrors.Shorten(command)}");
        await using var process = await shell.StartAsync(new ServerCommand(command) { AsRoot = AsRoot }, cancellationToken);
        await process.StandardInput.DisposeAsync();
        var printed = Complaints.ReadAsync(process.StandardOutput, cancellationToken);
        var complaints = await Complaints.ReadAsync(process.StandardError, cancellationToken);
        foreach (string line in (await printed).Lines.Take(100)) activity.Verbose($"{shell.Name}: {ServersErrors.Printable(line)}");
        var exit = await process.WaitForExitAsync(cancellationToken);
        if (!exit.Succeeded) throw BackupErrors.HookFailed(shell.Name, hook, exit, complaints.Lines);
        foreach (string line in complaints.Lines.Take(100)) activity.Verbose($"{shell.Name}: {ServersErrors.Printable(line)}");
    }
}
