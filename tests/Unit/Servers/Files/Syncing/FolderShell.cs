using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Tests.Files.Syncing;

/// <summary>A server whose home folder is another one, so that two on one machine have each its own.</summary>
internal sealed class FolderShell(string name, IServerShell inner, string folder, string? path = null) : IServerShell
{
    public string Name => name;

    public Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken) => inner.StartAsync(
        command with { Text = $"cd {ShellQuote.Word(folder)} || exit 99\n{(path is null ? "" : $"PATH={ShellQuote.Word(path)}:$PATH; export PATH\n")}{command.Text}" }, cancellationToken);
}
