using System.Buffers;
using System.Text.Json;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Checking;

/// <summary>
/// Remembers when a repository's packs were last read and found good. It is a convenience: a file that is lost or
/// damaged costs nothing but reading some packs earlier than needed.
/// </summary>
internal sealed class RollingState
{
    private const long MaxFileSize = 1 << 30;

    private readonly Dictionary<ObjectId, long> _readAt = [];
    private readonly string _path, _repositoryId;

    private RollingState(string folder, string repositoryId)
    {
        _repositoryId = repositoryId;
        _path = Path.Combine(folder, "checks", repositoryId + ".json");
    }

    /// <summary>Where it lies unless told otherwise, or <see langword="null"/> for a user without a home.</summary>
    public static string? DefaultFolder => UserFolders.State;

    /// <param name="folder">The folder of all of ProdOps' state.</param>
    /// <param name="repositoryId">The repository's id: 64 hexadecimal digits.</param>
    /// <param name="activity">Is told when the file cannot be used.</param>
    public static RollingState Load(string folder, string repositoryId, IActivity activity)
    {
        var state = new RollingState(folder, repositoryId);
        try
        {
            var file = new FileInfo(state._path);
            if (file is { Exists: true, Length: <= MaxFileSize }) state.Read(File.ReadAllBytes(state._path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            state._readAt.Clear();
            activity.Verbose($"'{state._path}' does not tell which packs were read before ({error.Message}): the round begins anew.");
        }

        return state;
    }

    public DateTimeOffset? GetTime(ObjectId pack) => _readAt.TryGetValue(pack, out long seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    public void SetTime(ObjectId pack, DateTimeOffset time) => _readAt[pack] = time.ToUnixTimeSeconds();

    public void Forget(ObjectId pack) => _readAt.Remove(pack);

    /// <summary>The share of the bytes of these packs that was ever read.</summary>
    public double GetCoverage(IReadOnlyCollection<StoredFile> packs)
    {
        long all = packs.Sum(pack => pack.Size), read = packs.Where(pack => _readAt.ContainsKey(pack.Id)).Sum(pack => pack.Size);
        return all == 0 ? 1 : (double)read / all;
    }

    /// <summary>Drops packs that are gone and writes the rest, whole or not at all.</summary>
    public void Save(IEnumerable<StoredFile> packs, IActivity activity)
    {
        var existing = packs.Select(pack => pack.Id).ToHashSet();
        string temporary = $"{_path}.{Environment.ProcessId}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                file.Write(ToJson(existing));
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, _path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            activity.Warning($"Which packs were read could not be remembered in '{_path}': {error.Message}");
        }
    }

    private void Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            // {"repository":…,"packs":{"<id>":<seconds>}}: only the inner object has ids for names and numbers for values.
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 2 || !ObjectId.TryParse(reader.ValueSpan, out var pack)) continue;
            reader.Read();
            if (reader.TryGetInt64(out long seconds) && seconds is >= 0 and < 253402300800) _readAt[pack] = seconds;
        }
    }

    private ReadOnlySpan<byte> ToJson(HashSet<ObjectId> existing)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("repository"u8, _repositoryId);
            json.WriteStartObject("packs"u8);
            foreach (var (pack, seconds) in _readAt)
            {
                if (existing.Contains(pack)) json.WriteNumber(pack.ToString(), seconds);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return output.WrittenSpan;
    }
}
