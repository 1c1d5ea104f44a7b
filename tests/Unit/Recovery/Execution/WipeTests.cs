using ProdOps.Backup.Tests.Storage;
using ProdOps.Recovery.Execution.Steps;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Tests.Files;

namespace ProdOps.Recovery.Tests.Execution;

/// <summary>What is removed before it is restored.</summary>
public sealed class WipeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnixFact]
    public async Task Files_links_and_folders_that_are_empty_then_go_whatever_they_are_called()
    {
        string[] names = ["plain", "a b'c", "new\nline", "new\nline\n", "-rf", "$(touch x)"];
        Directory.CreateDirectory(_folder["kept"]);
        Directory.CreateDirectory(_folder["gone"]);
        foreach (string name in names) await File.WriteAllTextAsync(_folder[$"gone/{name}"], "");
        File.CreateSymbolicLink(_folder["link"], _folder["kept"]);
        await File.WriteAllTextAsync(_folder["kept/other"], "");
        await RestoreWork.RemoveAsync(new LocalShell("web1"), [.. names.Select(name => _folder[$"gone/{name}"]), _folder["gone"], _folder["link"], _folder["kept"]], asRoot: false, CancellationToken.None);
        Assert.Equal([_folder["kept"], _folder["kept/other"]], Directory.EnumerateFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
    }

    [UnixFact]
    public async Task What_a_lost_connection_leaves_of_a_path_is_no_path()
    {
        foreach (string name in (string[])["hosts", "hosts.allow", "hosts.allow~"]) await File.WriteAllTextAsync(_folder[name], "");
        string path = _folder["hosts.allow~"];
        // Cut behind each byte: the path and the two that end it, and a zero.
        for (int sent = path.Length - 13; sent < path.Length + 2; sent++)
            await Assert.ThrowsAsync<ProdOpsException>(() => RestoreWork.RemoveAsync(new CuttingShell(new LocalShell("web1"), sendAtMost: sent), [path], asRoot: false, CancellationToken.None));
        Assert.Equal(3, Directory.EnumerateFiles(_folder.Path).Count());
        await RestoreWork.RemoveAsync(new LocalShell("web1"), [path], asRoot: false, CancellationToken.None);
        Assert.Equal(2, Directory.EnumerateFiles(_folder.Path).Count());
    }
}
