using System.Collections.Concurrent;
using ProdOps.Logging.Collecting;
using ProdOps.Servers.Commands;

namespace ProdOps.Logging.Tests.Collecting;

/// <summary>What Get-LogSource tells of a server.</summary>
public sealed class SourceLookTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-look-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [UnixFact]
    public async Task What_only_root_may_read_is_guessed_as_root()
    {
        string path = Path.Combine(_folder, "auth.log");
        await File.WriteAllTextAsync(path, "Nov 27 10:00:00 web1 sshd[1]: Accepted publickey for ops\nNov 27 10:00:01 web1 sshd[2]: Connection closed\n");
        var shell = new RecordingShell();
        var source = new LogSourceDefinition { Name = "auth", Path = [path], AsRoot = true };
        var found = Assert.Single(await new SourceLook(shell, new RecordingSink(), new CollectOptions(), SilentActivity.Instance).RunAsync([source], CancellationToken.None));
        Assert.Equal("syslog", found.Format);
        Assert.All(shell.Commands.Where(command => command.Text.Contains(path, StringComparison.Ordinal)), command => Assert.True(command.AsRoot));
    }

    /// <summary>This machine's shell, where root is whoever runs the tests.</summary>
    private sealed class RecordingShell : IServerShell
    {
        private readonly LocalShell _shell = new("web1");

        public ConcurrentQueue<ServerCommand> Commands { get; } = new();

        public string Name => _shell.Name;

        public Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken)
        {
            Commands.Enqueue(command);
            return _shell.StartAsync(command with { AsRoot = false }, cancellationToken);
        }
    }
}
