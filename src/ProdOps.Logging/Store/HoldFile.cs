using System.Text.Json;

namespace ProdOps.Logging.Store;

/// <summary>What says in a stream's folder that something must stay: JSON, so that anybody can read it. One that cannot be read holds everything.</summary>
internal static class HoldFile
{
    /// <exception cref="ProdOpsException">It cannot be read: nothing may be removed.</exception>
    public static IReadOnlyList<HoldEntry> Read(string path)
    {
        try
        {
            var holds = JsonSerializer.Deserialize(File.ReadAllBytes(path), StoreJson.Default.LogHoldFile)?.Holds;
            return holds is null || holds.Contains(null!) ? throw LoggingErrors.HoldsUnreadable(path, null) : holds;
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw LoggingErrors.HoldsUnreadable(path, error);
        }
    }

    /// <summary>Puts holds in the place of those that were there; none removes the file.</summary>
    public static void Write(string folder, IReadOnlyList<HoldEntry> holds)
    {
        string path = Path.Combine(folder, StoreNames.HoldName), temporary = path + ".tmp";
        if (holds.Count == 0)
        {
            File.Delete(path);
            return;
        }

        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(JsonSerializer.SerializeToUtf8Bytes(new LogHoldFile { Holds = [.. holds] }, StoreJson.Default.LogHoldFile));
            file.Flush(flushToDisk: true);
        }

        SegmentIndexer.Replace(temporary, path);
    }
}
