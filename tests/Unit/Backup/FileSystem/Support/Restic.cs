using System.Text.RegularExpressions;

namespace ProdOps.Backup.Tests.FileSystem;

/// <summary>A repository made by the restic on this machine.</summary>
internal sealed partial class Restic
{
    private readonly (string, string)[] _variables;
    private readonly string _folder;

    public Restic(string repository, string? zone = null)
    {
        _folder = repository;
        _variables = [("RESTIC_REPOSITORY", repository), ("RESTIC_PASSWORD", "test"), ("TZ", zone ?? "UTC"), ("LC_ALL", "C.UTF-8")];
        Run("init -q");
    }

    public byte[] Run(string arguments) => Shell.Run(_folder, "restic --no-cache " + arguments, _variables);

    public string RunText(string arguments) => System.Text.Encoding.UTF8.GetString(Run(arguments));

    public void Backup(string path) => Run($"backup -q --with-atime '{path}'");

    public string RootTree() => TreeId().Match(RunText("snapshots --json")).Groups[1].Value;

    public byte[] Blob(string id) => Run("cat blob " + id);

    [GeneratedRegex("\"tree\":\"([0-9a-f]{64})\"")]
    private static partial Regex TreeId();
}
