using System.Collections.Concurrent;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Backup.Tests.Checking;

/// <summary>A damaged repository that is kept as a file, with what is known of its damage (tests/fixtures/damaged-repositories/make.ps1).</summary>
public sealed class DamagedFixture
{
    private static readonly Lazy<JsonDocument> Document = new(() => JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "cases.json"))));

    // Each maker's repositories have one key between them, and deriving it takes a while.
    private static readonly ConcurrentDictionary<string, Lazy<Task<UnlockedKey>>> Keys = [];

    private readonly JsonElement _case;

    private DamagedFixture(JsonElement element) => _case = element;

    public static IEnumerable<string> Names => Document.Value.RootElement.GetProperty("cases").EnumerateArray().Select(element => element.GetProperty("archive").GetString()!);

    /// <summary>Who made it: restic or prodops.</summary>
    public string Maker => Archive.Split('-')[0];

    public string Archive => _case.GetProperty("archive").GetString()!;

    /// <summary>The ids of the problems that a test of every byte tells, in order.</summary>
    public IReadOnlyList<string> Problems => Texts("problems");

    /// <summary>The files that those problems name.</summary>
    public IReadOnlyList<string> Items => Texts("items");

    /// <summary>What is lost, as <c>tag:path</c>; a folder without its listing ends with a slash.</summary>
    public IReadOnlyList<string> Lost => Texts("lost");

    /// <summary>Snapshots of which nothing is left.</summary>
    public IReadOnlyList<string> LostSnapshots => Texts("lostSnapshots");

    private static string Folder => Clone.PathOf("tests", "fixtures", "damaged-repositories");

    public static DamagedFixture Get(string archive) =>
        new(Document.Value.RootElement.GetProperty("cases").EnumerateArray().Single(element => element.GetProperty("archive").GetString() == archive));

    /// <summary>The files of a backup and the SHA-256 of their contents, by their paths below the folder that was backed up.</summary>
    public static IReadOnlyDictionary<string, string> FilesOf(string tag) => Document.Value.RootElement.GetProperty("files").GetProperty(tag)
        .EnumerateObject().ToDictionary(file => file.Name, file => file.Value.GetString()!);

    public void ExtractTo(string folder)
    {
        Directory.CreateDirectory(folder);
        using var archive = new GZipStream(File.OpenRead(Path.Combine(Folder, Archive)), CompressionMode.Decompress);
        TarFile.ExtractToDirectory(archive, folder, overwriteFiles: true);
    }

    internal static async Task<Repository> OpenAsync(string maker, IStorage storage)
    {
        var key = Keys.GetOrAdd(maker, _ => new Lazy<Task<UnlockedKey>>(() => Repository.UnlockAsync(storage, TestRepository.Password, default)));
        return await Repository.OpenAsync(storage, await key.Value, new HastyClock(), default);
    }

    private List<string> Texts(string name) => [.. _case.GetProperty(name).EnumerateArray().Select(text => text.GetString()!)];
}

/// <summary>The system's clock, for which the moment that a new lock is waited for is over at once: nobody else is there.</summary>
internal sealed class HastyClock : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, dueTime < TimeSpan.FromSeconds(1) && dueTime > TimeSpan.Zero ? TimeSpan.Zero : dueTime, period);
}
