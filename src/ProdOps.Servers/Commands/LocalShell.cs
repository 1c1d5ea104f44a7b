using System.ComponentModel;
using System.Diagnostics;

namespace ProdOps.Servers.Commands;

/// <summary>This machine's <c>/bin/sh</c>. Commands start in the user's home folder with its environment, as they would over SSH.</summary>
internal sealed class LocalShell : IServerShell
{
    // util-linux, BusyBox and toybox have it; macOS has not, and there the process tree is ended instead of the group.
    private static readonly string? SetSid = Array.Find(["/usr/bin/setsid", "/bin/setsid"], File.Exists);

    /// <param name="name">The server's name, for messages.</param>
    public LocalShell(string name) => Name = name;

    public string Name { get; }

    public Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (OperatingSystem.IsWindows()) throw ServersErrors.LocalShellMissing(Name);
        bool bySudo = command.AsRoot && !Environment.IsPrivilegedProcess;
        return Task.FromResult<IServerProcess>(Start(bySudo ? ["sudo", "-n", "/bin/sh", "-c", command.Text] : ["/bin/sh", "-c", command.Text]));
    }

    private LocalProcess Start(IReadOnlyList<string> words)
    {
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
            return new LocalProcess(Process.Start(start)!, SetSid is not null);
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
