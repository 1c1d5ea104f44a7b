using System.Globalization;
using System.Text;
using ProdOps.Servers.Secrets;

namespace ProdOps.Servers.Commands;

/// <summary>
/// Follows a command from the login shell to where its own output begins: drops what start-up files print, answers sudo, sends the
/// command's text where it goes over standard input.
/// </summary>
/// <param name="server">The server's name, for messages.</param>
/// <param name="bootstrap">What was sent to be run.</param>
/// <param name="input">Its standard input.</param>
/// <param name="output">Its standard output.</param>
/// <param name="error">Its standard error.</param>
internal sealed class CommandStart(string server, CommandBootstrap bootstrap, Stream input, Stream output, Stream error)
{
    /// <summary>The command's standard output.</summary>
    public MarkedStream Output { get; } = new(output, bootstrap.Marker);

    /// <summary>The command's standard error.</summary>
    public MarkedStream Error { get; } = new(error, bootstrap.Marker);

    /// <summary>The process group of the login shell, which under sudo is sudo's.</summary>
    public int OuterGroup { get; private set; }

    /// <summary>The command's own process; leader of a group where sudo gives it a terminal of its own, and else in the outer group.</summary>
    public int InnerProcess { get; private set; }

    /// <summary>The login shell's path, as the server names it.</summary>
    public string LoginShell { get; private set; } = "";

    /// <summary>Waits until the command runs.</summary>
    /// <param name="command">The command.</param>
    /// <param name="sudoPassword">What sudo is answered with.</param>
    /// <param name="exit">Waits for the end, for the message when it ends before it begins.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task WaitAsync(ServerCommand command, SecretSource? sudoPassword, Func<CancellationToken, Task<CommandExit>> exit, CancellationToken cancellationToken)
    {
        if (!command.AsRoot) _ = Error.SkipNoise();
        if (command.AsRoot && await Output.FindAsync([bootstrap.OuterMarker], cancellationToken).ConfigureAwait(false) is { } outer) OuterGroup = ReadLine(outer.Line);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var refusal = command.AsRoot ? FollowSudoAsync(sudoPassword, stop.Token) : Task.FromResult<ProdOpsException?>(null);
        var start = Output.FindAsync([bootstrap.Marker], stop.Token).AsTask();
        try
        {
            // Whichever ends first without success says why: sudo's second question, or the end of the output.
            if (await Task.WhenAny(start, refusal).ConfigureAwait(false) == refusal && await refusal.ConfigureAwait(false) is { } refused) throw refused;
            if (await start.ConfigureAwait(false) is not { } marker) throw await ExplainAsync(command, refusal, exit, cancellationToken).ConfigureAwait(false);
            InnerProcess = ReadLine(marker.Line);
            if (OuterGroup == 0) OuterGroup = InnerProcess;
            if (await refusal.ConfigureAwait(false) is { } late) throw late;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(start, refusal).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (bootstrap.Input is { } script) await input.WriteAsync(Encoding.UTF8.GetBytes(script), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The outer group's number, for a command that was given up before it was seen to run. It is printed in any case, and soon.</summary>
    /// <returns>Whether it is known; if not, the command has ended.</returns>
    public async Task<bool> TryLearnProcessAsync(bool asRoot, CancellationToken cancellationToken)
    {
        if (OuterGroup == 0 && await Output.FindAsync([asRoot ? bootstrap.OuterMarker : bootstrap.Marker], cancellationToken).ConfigureAwait(false) is { } marker)
        {
            OuterGroup = ReadLine(marker.Line);
            if (!asRoot) InnerProcess = OuterGroup;
        }

        return OuterGroup > 1;
    }

    /// <summary>Answers sudo's question once. Returns why sudo does not run the command, or <see langword="null"/> if it does.</summary>
    private async Task<ProdOpsException?> FollowSudoAsync(SecretSource? password, CancellationToken cancellationToken)
    {
        string[] markers = bootstrap.Prompt is { } prompt ? [bootstrap.Marker, bootstrap.MissingMarker, prompt] : [bootstrap.Marker, bootstrap.MissingMarker];
        for (bool answered = false; ; answered = true)
        {
            if (await Error.FindAsync(markers, cancellationToken).ConfigureAwait(false) is not { } found) return ServersErrors.SudoRefused(server, Error.Noise);
            if (found.Marker == bootstrap.Marker) return null;
            if (found.Marker == bootstrap.MissingMarker) return ServersErrors.SudoMissing(server);
            if (answered) return ServersErrors.SudoPasswordWrong(server);
            using var secret = await password!.ResolveAsync(cancellationToken).ConfigureAwait(false);
            await WriteLineAsync(secret.Bytes, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task WriteLineAsync(ReadOnlyMemory<byte> secret, CancellationToken cancellationToken)
    {
        if (secret.Span.Contains((byte)'\n')) throw ServersErrors.SudoPasswordWrong(server);
        byte[] line = GC.AllocateUninitializedArray<byte>(secret.Length + 1, pinned: true);
        try
        {
            secret.CopyTo(line);
            line[^1] = (byte)'\n';
            await input.WriteAsync(line, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Array.Clear(line);
        }
    }

    private async Task<ProdOpsException> ExplainAsync(ServerCommand command, Task<ProdOpsException?> refusal, Func<CancellationToken, Task<CommandExit>> exit, CancellationToken cancellationToken)
    {
        var ended = await exit(cancellationToken).ConfigureAwait(false);
        if (command.AsRoot && OuterGroup != 0 && await refusal.ConfigureAwait(false) is { } refused) return refused;
        if (!command.AsRoot) await Error.SkipNoise().WaitAsync(cancellationToken).ConfigureAwait(false);
        return ServersErrors.ShellMissing(server, ended, Error.Noise.Length > 0 ? Error.Noise : Output.Noise);
    }

    /// <summary>The marker's line: a process id and, of a login shell, its path.</summary>
    private int ReadLine(string line)
    {
        int space = line.IndexOf(' ');
        string number = space < 0 ? line : line[..space];
        if (space > 0 && LoginShell.Length == 0) LoginShell = line[(space + 1)..];
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int process) ? process : 0;
    }
}
