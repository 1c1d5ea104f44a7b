using System.Text.Json;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Store;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Logging.Engines;

/// <summary>
/// What is noted on this machine of what was sent to an engine: how far each source was collected, and how its lines are read. It is written after the engine has acknowledged
/// the lines: a crash between the two brings some of them twice, never less than once.
/// </summary>
internal sealed class EngineState(string folder)
{
    private const string FileName = "collected.json";

    // What a checkpoint may be, and some for the rest.
    private const int LongestFile = 1024 * 1024;

    public Task<IAsyncDisposable> LockAsync(LogStream stream)
    {
        string path = StoreNames.FolderOf(folder, stream);
        try
        {
            StoreFolder.Create(path);
            return FileLock.TryTake(Path.Combine(path, StoreNames.CollectLockName)) is { } taken
                ? Task.FromResult<IAsyncDisposable>(taken)
                : throw LoggingErrors.StreamBeingCollected(stream.ToString());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw LoggingErrors.EngineStateNotWritten(path, error);
        }
    }

    public Collected? Read(LogStream stream)
    {
        string path = Path.Combine(StoreNames.FolderOf(folder, stream), FileName);
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists) return null;
            if (file.Length > LongestFile) throw LoggingErrors.EngineStateDamaged(path, null);
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), CollectedJson.Default.Collected) ?? throw LoggingErrors.EngineStateDamaged(path, null);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw LoggingErrors.EngineStateDamaged(path, error);
        }
    }

    public void Write(LogStream stream, Collected collected)
    {
        string path = StoreNames.FolderOf(folder, stream);
        try
        {
            StoreFolder.Create(path);
            string temporary = Path.Combine(path, FileName + ".new");
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file.SafeFileHandle, StoreFolder.PrivateFile);
                JsonSerializer.Serialize(file, collected, CollectedJson.Default.Collected);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, Path.Combine(path, FileName), overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw LoggingErrors.EngineStateNotWritten(path, error);
        }
    }
}

/// <summary>What is noted of a source.</summary>
/// <param name="Checkpoint">Where collecting goes on, in the collector's words.</param>
/// <param name="Format">How its lines are read.</param>
/// <param name="Note">What the engine must know to take the next ones.</param>
/// <param name="Length">How many bytes of lines were read so, as far as it matters (see <see cref="Formats.BatchFormat"/>).</param>
internal sealed record Collected(string? Checkpoint, string? Format, string? Note = null, long Length = 0);

[System.Text.Json.Serialization.JsonSerializable(typeof(Collected))]
internal sealed partial class CollectedJson : System.Text.Json.Serialization.JsonSerializerContext;
