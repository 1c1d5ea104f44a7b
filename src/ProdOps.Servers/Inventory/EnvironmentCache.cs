using System.Collections.Concurrent;

namespace ProdOps.Servers.Inventory;

/// <summary>Environments that were read, as long as their files do not change: completion asks at every keystroke.</summary>
internal static class EnvironmentCache
{
    private const int Kept = 16;

    private static readonly ConcurrentDictionary<string, EnvironmentReading> Readings = new(StringComparer.Ordinal);

    /// <summary>The environment of a file.</summary>
    /// <exception cref="ProdOpsException">The file does not exist or cannot be read.</exception>
    public static EnvironmentReading Read(string path)
    {
        if (Readings.TryGetValue(path, out var known) && known.IsCurrent) return known;
        if (Readings.Count >= Kept) Readings.Clear();
        var reading = EnvironmentReader.Read(path);
        Readings[path] = reading;
        return reading;
    }

    /// <summary>The environment that a command means, or <see langword="null"/> if there is none.</summary>
    /// <inheritdoc cref="EnvironmentFinder.Find"/>
    /// <exception cref="ProdOpsException">The one that is named does not exist, or the file has errors.</exception>
    public static ProdOpsEnvironment? Load(string? named, string? folder) =>
        EnvironmentFinder.Find(named, Environment.GetEnvironmentVariable(EnvironmentFinder.VariableName), folder) is { } path ? Read(path).Require() : null;
}
