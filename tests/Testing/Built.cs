using System.Reflection;

namespace ProdOps.Testing;

/// <summary>Where the build has put what the tests drive.</summary>
internal static class Built
{
    public static string Root { get; } = Metadata("RepositoryRoot");

    public static string Module { get; } = Path.Combine(Root, "artifacts", "ProdOps");

    public static string Manifest { get; } = Path.Combine(Module, "ProdOps.psd1");

    public static string Library { get; } = Path.Combine(Module, "lib");

    public static string Probe { get; } = Path.Combine(Root, "tests", "Unit", "Shell", "Probe", "bin", Metadata("Configuration"), "net10.0", "ProdOps.Shell.Probe.dll");

    public static string Host { get; } = Path.Combine(
        Root, "src", "ProdOps.Host", "bin", Metadata("Configuration"), "net10.0", OperatingSystem.IsWindows() ? "prodops.exe" : "prodops");

    private static string Metadata(string key) =>
        typeof(Built).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
