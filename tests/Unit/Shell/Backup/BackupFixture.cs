using System.Diagnostics;

namespace ProdOps.Cmdlets.Tests.Backup;

/// <summary>
/// A small repository that restic made, with three snapshots: two of web1, between which a file went and another grew, and one of db1. Opening costs a key
/// derivation, so the tests share it and change copies only.
/// </summary>
public sealed class BackupFixture : IDisposable
{
    public BackupFixture()
    {
        Folder = Directory.CreateTempSubdirectory("prodops-shell-").FullName;
        Directory.CreateDirectory(Path.Combine(Source, "etc"));
        Directory.CreateDirectory(Path.Combine(Source, "www", "a b"));
        File.WriteAllText(Path.Combine(Source, "etc", "hosts"), "hello\n");
        File.WriteAllText(Path.Combine(Source, "etc", "lines"), "one\ntwo\nthree\n");
        File.WriteAllText(Path.Combine(Source, "www", "[id].tsx"), "x");
        File.WriteAllBytes(Path.Combine(Source, "www", "large"), Bytes(300_000));
        File.CreateSymbolicLink(Path.Combine(Source, "etc", "link"), "hosts");
        File.WriteAllText(PasswordFile, "correct horse\n");
        Restic("init");
        Restic("backup", "--host", "web1", "--tag", "nightly", "--time", "2026-11-20 01:00:00", Etc, Www);
        File.Delete(Path.Combine(Source, "etc", "hosts"));
        File.AppendAllText(Path.Combine(Source, "etc", "lines"), "four\n");
        Restic("backup", "--host", "web1", "--time", "2026-11-21 01:00:00", Etc, Www);
        Restic("backup", "--host", "db1", "--time", "2026-11-22 01:00:00", Etc);
    }

    public string Folder { get; }

    public string Repository => Path.Combine(Folder, "repository");

    public string PasswordFile => Path.Combine(Folder, "password");

    public string Source => Path.Combine(Folder, "source");

    public string Etc => Path.Combine(Source, "etc");

    public string Www => Path.Combine(Source, "www");

    /// <summary>A session in which <c>$r</c> names the repository and the password, to be splatted.</summary>
    internal Engine Open()
    {
        var engine = new Engine();
        engine.Run($"$r = @{{ Repository = '{Repository}'; PasswordFile = '{PasswordFile}' }}");
        return engine;
    }

    public string NewFolder() => Path.Combine(Folder, Guid.NewGuid().ToString("n"));

    /// <summary>A copy of the repository, to be changed.</summary>
    public string Copy()
    {
        string copy = NewFolder();
        foreach (string file in Directory.EnumerateFiles(Repository, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(copy, Path.GetRelativePath(Repository, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
            File.SetAttributes(target, FileAttributes.Normal);
        }

        foreach (string name in new[] { "locks", "index", "snapshots" }) Directory.CreateDirectory(Path.Combine(copy, name));
        return copy;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(7).NextBytes(bytes);
        return bytes;
    }

    private void Restic(params string[] arguments)
    {
        var start = new ProcessStartInfo("restic", ["-q", "--no-cache", "-r", Repository, "-p", PasswordFile, .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output);
    }
}

/// <summary>Tests that share the repository; they run one after the other.</summary>
[CollectionDefinition("Backup")]
public sealed class BackupCollection : ICollectionFixture<BackupFixture>;
