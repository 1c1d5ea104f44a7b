using System.Diagnostics;
using System.Globalization;

namespace ProdOps.Lab.Tests.Files;

/// <summary>One large file on its way between the admin's machine and a host, where an older file has its name already.</summary>
internal sealed class BigFile(Admin admin, LabHost host, bool toServer, string name)
{
    public const int Megabytes = 96;
    private const string Before = "before";

    private string _sum = "";

    /// <summary>What an admin types.</summary>
    public string Command => toServer
        ? $"Copy-ServerItem '{admin.Folder}/{name}' /srv/{name}/file -Server {host.Name} -Environment '{admin.EnvironmentFile}'"
        : $"Copy-ServerItem /srv/{name}/file '{admin.Folder}/to/file' -FromServer {host.Name} -Environment '{admin.EnvironmentFile}'";

    public async Task MakeAsync()
    {
        string source = Path.Combine(admin.Folder, name);
        _sum = await Machine.WriteDataAsync(source, Megabytes);
        if (toServer) await host.RunAsync($"rm -rf /srv/{name}; mkdir /srv/{name}; echo {Before} > /srv/{name}/file");
        else
        {
            await host.RunAsync($"rm -rf /srv/{name}; mkdir /srv/{name}");
            await Machine.RunAsync($"ssh -q -F none -i \"$1\" -o BatchMode=yes -o UserKnownHostsFile=\"$2\" root@{host.Address} 'cat > /srv/{name}/file' < \"$3\"", Fleet.Key, Fleet.KnownHosts, source);
            Directory.CreateDirectory(Path.Combine(admin.Folder, "to"));
            await File.WriteAllTextAsync(Path.Combine(admin.Folder, "to", "file"), Before);
        }
    }

    /// <summary>The bytes that have come to the destination beside the old file.</summary>
    public async Task<long> ArrivedAsync() => toServer
        ? long.Parse(await host.RunAsync($"cat /srv/{name}/.prodops-copy-* 2>/dev/null | wc -c"), CultureInfo.InvariantCulture)
        : Arrived();

    /// <summary>Waits until more than so many bytes have come; false if all had come, under the file's own name, before that was seen: on a busy machine whoever looks may be the one who waits.</summary>
    public async Task<bool> WaitAsync(long bytes)
    {
        if (toServer)
        {
            string said = await host.RunAsync($"timeout 60 sh -c 'until [ \"$(stat -c %s /srv/{name}/.prodops-copy-* 2>/dev/null | sort -n | tail -n 1)\" -gt {bytes} ] 2>/dev/null; do if [ $(stat -c %s /srv/{name}/file) -gt 100 ]; then echo done; break; fi; done'");
            return said.Length == 0;
        }

        var deadline = Stopwatch.StartNew();
        while (Arrived() <= bytes)
        {
            if (new FileInfo(Path.Combine(admin.Folder, "to", "file")).Length > 100) return false;
            Assert.True(deadline.Elapsed < TimeSpan.FromSeconds(60), $"{Arrived()} bytes have come");
            await Task.Yield();
        }

        return true;
    }

    /// <summary>Puts the old file back, as if nothing had come.</summary>
    public async Task StartOverAsync()
    {
        if (toServer) await host.RunAsync($"cd /srv/{name}; rm -f .prodops-copy-*; echo {Before} > file");
        else await File.WriteAllTextAsync(Path.Combine(admin.Folder, "to", "file"), Before);
    }

    /// <summary>The old file has its name, whole.</summary>
    public async Task AssertUntouchedAsync() =>
        Assert.Equal(Before, toServer ? await host.RunAsync($"cat /srv/{name}/file") : await File.ReadAllTextAsync(Path.Combine(admin.Folder, "to", "file")));

    /// <summary>The new file has its name, and nothing else is there.</summary>
    public async Task AssertDoneAsync() => Assert.Equal($"file\n{_sum}", await FoundAsync());

    /// <summary>Whether the new file has its name, whole.</summary>
    public async Task<bool> IsDoneAsync() => await FoundAsync() == $"file\n{_sum}";

    private async Task<string> FoundAsync()
    {
        const string Script = "cd \"$1\"; ls -A; sha256sum < file | cut -c1-64";
        string folder = toServer ? $"/srv/{name}" : Path.Combine(admin.Folder, "to");
        return toServer ? await host.RunAsync($"set -- {folder}; {Script}") : await Machine.RunAsync(Script, folder);
    }

    public async Task RemoveAsync() => await host.RunAsync($"rm -rf /srv/{name}");

    private long Arrived()
    {
        foreach (var file in new DirectoryInfo(Path.Combine(admin.Folder, "to")).EnumerateFiles(".prodops-copy-*"))
        {
            try
            {
                return file.Length;
            }
            catch (FileNotFoundException)
            {
                // The next copy has just taken it over, by another name.
            }
        }

        return 0;
    }
}
