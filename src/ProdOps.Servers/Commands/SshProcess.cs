using System.Globalization;
using ProdOps.Servers.Connections.Channels;
using ProdOps.Servers.Secrets;

namespace ProdOps.Servers.Commands;

/// <summary>A command on a server.</summary>
internal sealed class SshProcess(SshConnection connection, SshChannel channel, CommandStart start, SecretSource? sudoPassword, bool asRoot) : IServerProcess
{
    /// <summary>How long ending a command on a server may take before its connection is left to do it.</summary>
    private static readonly TimeSpan KillTimeout = TimeSpan.FromSeconds(2);

    private int _disposed;

    public Stream StandardInput => channel.Input;

    public Stream StandardOutput => start.Output;

    public Stream StandardError => start.Error;

    public Task<CommandExit> WaitForExitAsync(CancellationToken cancellationToken) => channel.Exit.WaitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        if (!channel.Exit.IsCompleted) await KillAsync().ConfigureAwait(false);
        channel.Close();
    }

    /// <summary>
    /// Ends the command's process group from a second channel of the same connection. That channel's shell and the command's have the
    /// same parent, sshd's process for this connection, and that is checked before anything is sent a signal: a number that the system
    /// has given to another process meanwhile has another parent.
    /// </summary>
    private async Task KillAsync()
    {
        using var limit = new CancellationTokenSource(KillTimeout);
        try
        {
            if (!await start.TryLearnProcessAsync(asRoot, limit.Token).ConfigureAwait(false)) return;
            // Started by sudo, or about to be: then what runs is root's.
            bool bothRoot = asRoot && start.InnerProcess != start.OuterGroup;
            int inner = start.InnerProcess > 1 ? start.InnerProcess : start.OuterGroup;
            if (bothRoot && !await RunAsync(new ServerCommand(KillScripts.Check(start.OuterGroup)), limit.Token).ConfigureAwait(false)) return;
            string text = bothRoot ? KillScripts.Kill(start.OuterGroup, inner) : KillScripts.CheckAndKill(start.OuterGroup);
            await RunAsync(new ServerCommand(text) { AsRoot = bothRoot }, limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ProdOpsException or ChannelRefusedException or IOException or OperationCanceledException)
        {
            // No room for a second channel, no sudo any more: sshd itself can signal the group of a command that it started (RFC 4254, 6.9).
            channel.SendSignal("TERM");
            channel.SendSignal("KILL");
        }
    }

    private async Task<bool> RunAsync(ServerCommand command, CancellationToken cancellationToken)
    {
        var killer = await connection.OpenChannelAsync(new SessionOpenInfo(), cancellationToken).ConfigureAwait(false);
        try
        {
            var bootstrap = CommandBootstrap.Create(command, connection.QuotesAsPosix, sudoPassword is not null);
            var killing = new CommandStart(connection.Server, bootstrap, killer.Input, killer.Output, killer.Error);
            killer.Execute(bootstrap.Line);
            await killing.WaitAsync(command, sudoPassword, token => killer.Exit.WaitAsync(token), cancellationToken).ConfigureAwait(false);
            return (await killer.Exit.WaitAsync(cancellationToken).ConfigureAwait(false)).Succeeded;
        }
        finally
        {
            killer.Close();
        }
    }
}

/// <summary>The shell texts that end a process group. Numbers are all they are made from.</summary>
internal static class KillScripts
{
    private const string Parent =
        "if IFS= read -r s 2>/dev/null </proc/$p/stat;then set -- ${s##*) };q=$2;else q=$(ps -o ppid= -p $p);set -- $q;q=$1;fi;[ \"$q\" = $PPID ]||exit 1;";

    /// <summary>Whether a process is a child of the connection that this runs on.</summary>
    public static string Check(int process) => string.Create(CultureInfo.InvariantCulture, $"p={process};{Parent}");

    /// <summary>Ends the group of a process that is a child of the connection that this runs on.</summary>
    public static string CheckAndKill(int process) => string.Create(CultureInfo.InvariantCulture, $"p={process};{Parent}k() {{ kill -s $1 -- -$p 2>/dev/null;}};{End}");

    /// <summary>Ends the group that the inner process leads, under a sudo that gives commands a terminal of their own, or else the outer one.</summary>
    public static string Kill(int outer, int inner) =>
        string.Create(CultureInfo.InvariantCulture, $"k() {{ kill -s $1 -- -{inner} 2>/dev/null||kill -s $1 -- -{outer} 2>/dev/null;}};{End}");

    // A polite signal, half a second, the other one, and a moment until a busy machine has carried it out; what has ended and is not
    // collected still counts, so that is not waited for without end. sleep takes fractions nearly everywhere.
    private const string End = "w() { i=0;while [ $i -lt $1 ]&&k 0;do sleep 0.05 2>/dev/null||sleep 1;i=$((i+1));done;};k TERM;w 10;k KILL;w 5;exit 0";
}
