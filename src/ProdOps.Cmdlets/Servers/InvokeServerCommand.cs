using System.Diagnostics;
using System.Management.Automation;
using ProdOps.Servers;
using ProdOps.Servers.Commands;

namespace ProdOps.Cmdlets.Servers;

/// <summary>Runs a command or a script on servers, side by side.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "ServerCommand", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = CommandSet)]
[OutputType(typeof(ServerCommandResult), typeof(ServerOutputLine))]
public sealed class InvokeServerCommand : ServerCmdlet
{
    private const string CommandSet = "Command";
    private const string FileSet = "File";
    private const int MaximumOutput = 256 * 1024 * 1024;

    /// <summary>Text for the server's POSIX shell.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = CommandSet, HelpMessage = "Text for the server's shell, /bin/sh; several lines are a script.")]
    [ValidateNotNullOrEmpty]
    public string Command { get; set; } = "";

    /// <summary>A script of this machine.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FileSet, HelpMessage = "A shell script of this machine. It is sent over and run; nothing is left on the server.")]
    [ValidateNotNullOrEmpty]
    public string FilePath { get; set; } = "";

    /// <summary>Words that are passed on as they are.</summary>
    [Parameter(Position = 1, HelpMessage = "Arguments, each passed as one word whatever it holds: behind the command, or as $1, $2 … of the script.")]
    [AllowEmptyString]
    public string[] ArgumentList { get; set; } = [];

    /// <summary>What the command reads.</summary>
    [Parameter(HelpMessage = "What the command reads: texts, each a line, or bytes. Without it, it reads nothing.")]
    [ValidateNotNull]
    [WholeBytes]
    public object[]? StandardInput { get; set; }

    /// <summary>A file that the command reads.</summary>
    [Parameter(HelpMessage = "A file of this machine that the command reads, after -StandardInput. It is sent as it is read, however large.")]
    [ValidateNotNullOrEmpty]
    public string? InputPath { get; set; }

    /// <summary>Run it as root, by sudo.</summary>
    [Parameter(HelpMessage = "Run it as root: by sudo, which gets the password of -Credential or of the environment if it asks.")]
    public SwitchParameter AsRoot { get; set; }

    /// <summary>Emit lines as they come.</summary>
    [Parameter(HelpMessage = "Emit each line as it comes instead of one result for each server.")]
    public SwitchParameter Stream { get; set; }

    /// <summary>Take the output as bytes.</summary>
    [Parameter(HelpMessage = "Take the standard output as bytes, in the result's OutputBytes.")]
    public SwitchParameter AsByte { get; set; }

    /// <summary>Take any exit code.</summary>
    [Parameter(HelpMessage = "Take any exit code: no error is written for one that is not 0.")]
    public SwitchParameter AllowFailure { get; set; }

    /// <summary>How long it may run, in seconds.</summary>
    [Parameter(HelpMessage = "After how many seconds the command is ended on the server. Default: never.")]
    [ValidateRange(1, 4_000_000)]
    public int TimeoutSec { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (AsByte && Stream) throw ServersErrors.StreamOfBytes();
        var command = new ServerCommand(await GetTextAsync(cancellationToken)) { AsRoot = AsRoot };
        var options = new CommandRunOptions { Input = CommandInput.ToBytes(StandardInput), MaximumOutput = MaximumOutput };
        var servers = new List<Server>();
        foreach (var server in await GetServersAsync(cancellationToken))
            if (await ShouldProcessAsync(server.Name, $"Run{(AsRoot ? " as root" : "")} '{ServersErrors.Shorten(command.Text)}'")) servers.Add(server);
        string? input = await InvokeAsync(() => InputPath is null ? null : GetUnresolvedProviderPathFromPSPath(InputPath));
        // That it cannot be opened is no server's fault and comes before anything runs.
        await using (OpenInput(input))
        {
        }

        await ForEachServerAsync(servers, async (server, shell, token) =>
        {
            await using var file = OpenInput(input);
            await RunAsync(server, shell, command, options with { InputStream = file }, token);
        }, cancellationToken);
    }

    private static FileStream? OpenInput(string? path) =>
        path is null ? null : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);

    private async Task<string> GetTextAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName == CommandSet) return CommandText.OfCommand(Command, ArgumentList);
        string path = await InvokeAsync(() => GetUnresolvedProviderPathFromPSPath(FilePath));
        return CommandText.OfScript(await File.ReadAllBytesAsync(path, cancellationToken), ArgumentList);
    }

    private async Task RunAsync(Server server, IServerShell shell, ServerCommand command, CommandRunOptions options, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (TimeoutSec > 0) limit.CancelAfter(TimeSpan.FromSeconds(TimeoutSec));
        Activity.Verbose($"{server.Name}: {(AsRoot ? "as root: " : "")}{ServersErrors.Shorten(command.Text)}");
        try
        {
            await (Stream ? StreamAsync(shell, command, options, limit.Token) : CollectAsync(shell, command, options, limit.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && limit.IsCancellationRequested)
        {
            throw ServersErrors.CommandTimedOut(server.Name, command.Text, TimeSpan.FromSeconds(TimeoutSec));
        }
    }

    private async Task CollectAsync(IServerShell shell, ServerCommand command, CommandRunOptions options, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        var output = await shell.RunAsync(command, options, cancellationToken);
        await WriteObjectAsync(new ServerCommandResult
        {
            Server = shell.Name,
            ExitCode = output.Exit.Code,
            Signal = output.Exit.Signal,
            StandardOutput = AsByte ? [] : output.Lines,
            StandardError = output.ErrorLines,
            OutputBytes = AsByte ? output.StandardOutput.ToArray() : null,
            Duration = Stopwatch.GetElapsedTime(start),
        });
        if (!AllowFailure) output.EnsureSuccess();
    }

    private async Task StreamAsync(IServerShell shell, ServerCommand command, CommandRunOptions options, CancellationToken cancellationToken)
    {
        await using var process = await shell.StartAsync(command, cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var input = process.SendInputAsync(options, stop.Token);
        string lastError = "";
        async Task WriteAsync(System.IO.Stream stream, ServerOutputStream kind)
        {
            await foreach (string line in OutputLines.ReadAsync(stream, cancellationToken))
            {
                if (kind == ServerOutputStream.Error) lastError = line;
                await WriteObjectAsync(new ServerOutputLine(shell.Name, kind, line, TimeProvider.System.GetLocalNow()));
            }
        }

        await Task.WhenAll(WriteAsync(process.StandardOutput, ServerOutputStream.Output), WriteAsync(process.StandardError, ServerOutputStream.Error));
        var exit = await process.WaitForExitAsync(cancellationToken);
        await stop.CancelAsync();
        await input.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!AllowFailure && !exit.Succeeded) throw ServersErrors.CommandFailed(shell.Name, command.Text, exit, lastError);
    }
}
