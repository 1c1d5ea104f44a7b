using System.Text.Json;
using System.Text.Json.Serialization;
using ProdOps.Servers.FileSystem;

namespace ProdOps.LoadBalancing.Publishing;

/// <summary>The revisions that balancers were last seen to keep, in a file of the user's own: what is proposed for a revision without asking anybody. It may be lost, or old.</summary>
/// <param name="path">The file.</param>
internal sealed class KnownRevisions(string path)
{
    private const int MostBalancers = 200, MostRevisions = 50, MostBytes = 8 * 1024 * 1024;

    /// <summary>The user's; <see langword="null"/> for one without a home.</summary>
    public static KnownRevisions? OfUser => UserFolders.State is { } folder ? new KnownRevisions(Path.Combine(folder, "balancer-revisions.json")) : null;

    /// <summary>All that are known, the newest of each balancer first; none where the file cannot be read.</summary>
    public IReadOnlyList<KnownRevision> Read()
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists || file.Length > MostBytes) return [];
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), KnownRevisionJson.Default.KnownRevisionArray)?.Where(one => one is { Id.Length: > 0, Server.Length: > 0 }).ToList() ?? [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    /// <summary>Notes what a balancer keeps, in place of what was known of it, or beside that. That it cannot be noted harms nobody.</summary>
    /// <param name="environment">The environment's name: balancers of others may have the same names.</param>
    /// <param name="revisions">Revisions of one balancer, the newest first.</param>
    /// <param name="all">True if these are all that it has for these entries.</param>
    public void Note(string environment, IReadOnlyList<LoadBalancerRevision> revisions, bool all)
    {
        if (revisions is not [var first, ..]) return;
        var fresh = revisions.Select(one => new KnownRevision(one.Server, one.LoadBalancer, one.Id, one.Time, one.By, one.Changes.Count > 0 ? one.Changes[0] : "", environment)).Take(MostRevisions).ToList();
        var known = Read();
        var own = known.Where(one => IsOwn(one) && !all && fresh.TrueForAll(other => other.Id != one.Id));
        var others = known.Where(one => !IsOwn(one));
        KnownRevision[] kept = [.. fresh.Concat(own).Take(MostRevisions), .. others];
        if (kept.DistinctBy(one => (one.Environment, one.Server, one.LoadBalancer)).Count() > MostBalancers) kept = [.. fresh];
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            string temporary = $"{path}.{Environment.ProcessId}";
            File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(kept, KnownRevisionJson.Default.KnownRevisionArray));
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }

        // What was noted before environments were is taken to be of this one.
        bool IsOwn(KnownRevision one) => one.Server == first.Server && one.LoadBalancer == first.LoadBalancer && (one.Environment ?? "") is var noted && (noted.Length == 0 || noted.Equals(environment, StringComparison.OrdinalIgnoreCase));
    }
}

/// <summary>A revision that a balancer was seen to keep.</summary>
internal sealed record KnownRevision(string Server, string LoadBalancer, string Id, DateTimeOffset Time, string By, string Change, string? Environment = null);

[JsonSerializable(typeof(KnownRevision[]))]
internal sealed partial class KnownRevisionJson : JsonSerializerContext;
