using System.Text.Json;
using System.Text.Json.Serialization;
using ProdOps.Servers.FileSystem;

namespace ProdOps.LoadBalancing.Failover;

/// <summary>What failover tests measured, a line of JSON each, in a file of the user's own. It is written to the end and never changed; a line that cannot be read is passed over.</summary>
/// <param name="path">The file.</param>
internal sealed class FailoverHistory(string path)
{
    private static readonly JsonSerializerOptions Options = new() { Converters = { new JsonStringEnumConverter() } };

    /// <summary>The user's; <see langword="null"/> for one without a home.</summary>
    public static FailoverHistory? OfUser => UserFolders.Data is { } folder ? new FailoverHistory(Path.Combine(folder, "failover-tests.jsonl")) : null;

    /// <exception cref="ProdOpsException">It cannot be written.</exception>
    public void Add(FailoverTestResult result)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(result, Options), (byte)'\n'];
            // One write at the end: two tests at once do not mix their lines.
            using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            file.Write(line);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw LoadBalancingErrors.FailoverNotKept(path, error);
        }
    }

    /// <summary>All tests of an entry, in the order in which they were made; none where the file cannot be read.</summary>
    public IReadOnlyList<FailoverTestResult> Read(string loadBalancer)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }

        return [.. lines.Select(Parse).OfType<FailoverTestResult>().Where(result => loadBalancer.Equals(result.LoadBalancer, StringComparison.OrdinalIgnoreCase))];
    }

    private static FailoverTestResult? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<FailoverTestResult>(line, Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
