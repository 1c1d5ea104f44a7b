using ProdOps.Servers.Commands;

namespace ProdOps.Logging.Tests.Collecting;

/// <summary>This machine's shell as a server's, with GNU's tools or with BusyBox's.</summary>
/// <param name="busyBox">Whether the tools are BusyBox's.</param>
/// <param name="tools">A folder of tools that come before all others.</param>
internal sealed class ToolShell(bool busyBox, string? tools = null) : IServerShell
{
    private static readonly Lazy<string> BusyBox = new(MakeBusyBox);
    private readonly LocalShell _shell = new("web1");

    public string Name => "web1";

    public Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken) =>
        _shell.StartAsync((tools ?? (busyBox ? BusyBox.Value : null)) is { } first ? command with { Text = $"PATH={first}:$PATH; export PATH\n{command.Text}" } : command, cancellationToken);

    private static string MakeBusyBox()
    {
        string program = Array.Find(["/bin/busybox", "/usr/bin/busybox"], File.Exists)!;
        string folder = Directory.CreateTempSubdirectory("prodops-busybox-").FullName;
        foreach (string tool in (string[])["find", "stat", "xargs", "sh", "cat", "date", "dd", "head", "tail", "od", "tr", "readlink", "gzip"]) File.CreateSymbolicLink(Path.Combine(folder, tool), program);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }
}
