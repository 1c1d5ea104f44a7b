using System.ComponentModel;
using System.Diagnostics;
using ProdOps.Servers.Secrets;

namespace ProdOps.Servers.Commands;

/// <summary>This machine's <c>/bin/sh</c>. Commands start in the user's home folder with its environment, as they would over SSH.</summary>
/// <param name="name">The server's name, for messages.</param>
/// <param name="sudoPassword">What sudo is answered with.</param>
internal sealed class LocalShell(string name, SecretSource? sudoPassword = null) : IServerShell
{
    // util-linux, BusyBox and toybox have it; macOS has not, and there the process tree is ended instead of the group.
    private static readonly string? SetSid = Array.Find(["/usr/bin/setsid", "/bin/setsid"], File.Exists);

    public string Name => name;

    public async Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (OperatingSystem.IsWindows()) throw ServersErrors.LocalShellMissing(Name);
        if (!command.AsRoot || Environment.IsPrivilegedProcess)
            return new LocalProcess(Start(command.PosixLocale ? $"LC_ALL=C;export LC_ALL\n{command.Text}" : command.Text), SetSid is not null);
        return await StartBySudoAsync(command, cancellationToken).ConfigureAwait(false);
    }

    private async Task<IServerProcess> StartBySudoAsync(ServerCommand command, CancellationToken cancellationToken)
    {
        var bootstrap = CommandBootstrap.Create(command, posixLoginShell: true, sudoPassword is not null);
        var process = Start(bootstrap.Line);
        var start = new CommandStart(Name, bootstrap, process.StandardInput.BaseStream, process.StandardOutput.BaseStream, process.StandardError.BaseStream);
        // What sudo started is root's, and only root can end it.
        var local = new LocalProcess(process, SetSid is not null, start, KillByRootAsync);
        try
        {
            await start.WaitAsync(command, sudoPassword, local.WaitForExitAsync, cancellationToken).ConfigureAwait(false);
            return local;
        }
        catch
        {
            await local.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task KillByRootAsync(CommandStart start, CancellationToken cancellationToken) =>
        await this.RunAsync(new ServerCommand(KillScripts.Kill(start.OuterGroup, start.InnerProcess)) { AsRoot = true }, cancellationToken).ConfigureAwait(false);

    private Process Start(string text)
    {
        IReadOnlyList<string> words = ["/bin/sh", "-c", text];
        var start = new ProcessStartInfo
        {
            FileName = SetSid ?? words[0],
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = HomeFolder(),
        };
        foreach (string word in SetSid is null ? words.Skip(1) : words) start.ArgumentList.Add(word);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw ServersErrors.LocalShellFailed(Name, exception);
        }
    }

    private static string HomeFolder()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Directory.Exists(home) ? home : "/";
    }
}
