using ProdOps.Backup.Tests.Storage;
using ProdOps.Recovery.Topology;
using ProdOps.Servers.Inventory;

namespace ProdOps.Recovery.Tests.Topology;

/// <summary>Environments as their files describe them, and what is found in them.</summary>
internal static class EnvironmentText
{
    public static ProdOpsEnvironment Read(string body)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["environment.psd1"], "@{ Name = 'shop'\n" + body + "\n}");
        return EnvironmentReader.Read(folder["environment.psd1"]).Require();
    }

    public static TopologyMeasurements Nothing { get; } = new() { Now = new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero) };

    public static IReadOnlyList<SinglePointOfFailure> Find(string body, TopologyMeasurements? measured = null) => new SinglePoints(TopologyBuilder.Build(Read(body)), measured ?? Nothing).Find();

    /// <summary>What of a kind is found: component and what it takes down.</summary>
    public static string[] Of(this IEnumerable<SinglePointOfFailure> points, SinglePointKind kind) => [.. points.Where(point => point.Kind == kind).Select(point => $"{point.Component}: {string.Join(", ", point.Affected)}")];
}
