using System.Reflection;
using ProdOps.Recovery.Capture;

namespace ProdOps.Recovery.Tests.Capture;

/// <summary>Captures to test with: a recorded one of a Debian host with databases, and small ones made of lines.</summary>
internal static class Captures
{
    private static readonly string Root = typeof(Captures).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "RepositoryRoot").Value!;

    public static string Recorded(string name) => File.ReadAllText(Path.Combine(Root, "tests", "fixtures", "captures", name + ".txt"));

    public static ServerConfiguration Database { get; } = Parse(Recorded("debian-12-database"));

    public static ServerConfiguration Parse(string text, BackedUp? backups = null) => CaptureReader.Parse("db1", "N1", text, backups ?? BackedUp.Nothing);

    /// <summary>Sections as the script prints them: a name, then its lines.</summary>
    public static string Text(params (string Section, string[] Lines)[] sections) =>
        $"\n@begin N1\n{string.Concat(sections.Select(section => $"\n@{section.Section}\n{string.Concat(section.Lines.Select(line => line + "\n"))}"))}\n@end N1\n";

    public static ServerConfigurationItem Item(this ServerConfiguration capture, ServerConfigurationKind kind, string name) => capture.Items.Single(item => item.Kind == kind && item.Name == name);

    public static ServerConfigurationItem? Find(this ServerConfiguration capture, ServerConfigurationKind kind, string name) => capture.Items.SingleOrDefault(item => item.Kind == kind && item.Name == name);

    /// <summary>A file as the script tells of one that no package has.</summary>
    public static string[] File1(string path, string flag = "Fn", int secret = 0, long size = 10) => [$":{flag}\t{secret}\tf\t{size}\t1795750115\t644\troot\troot\t{path}"];
}
