using System.Globalization;
using System.Text;

namespace ProdOps.Cmdlets.Tests.Logging;

/// <summary>An engine for all tests of stores, and a new store for each of them.</summary>
public sealed class StoreEngine : IDisposable
{
    /// <summary>How many lines each log has.</summary>
    public const int Old = 200, Recent = 50, Audit = 20;

    private readonly string _root = Directory.CreateTempSubdirectory("prodops-log-stores-").FullName;
    private int _stores;

    internal Engine Engine { get; } = new();

    public void Dispose()
    {
        Engine.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    /// <summary>
    /// Makes a folder with a store: of web1 the source shop, a packed segment of 2020 and one of now; of db1 the source audit, of 2020.
    /// The cmdlets use it without being told, and the folder is the present one.
    /// </summary>
    public string NewStore()
    {
        string folder = Path.Combine(_root, $"{++_stores}");
        Directory.CreateDirectory(folder);
        var begin = new DateTimeOffset(2020, 1, 1, 10, 0, 0, TimeSpan.Zero);
        File.WriteAllText(Path.Combine(folder, "old.log"), Lines(begin, Old));
        File.WriteAllText(Path.Combine(folder, "recent.log"), Lines(TimeProvider.System.GetUtcNow().AddHours(-1), Recent));
        File.WriteAllText(Path.Combine(folder, "audit.log"), Lines(begin.AddDays(30), Audit));
        Enter(folder);
        Engine.Run("""
            Import-Log old.log -Server web1 -Source shop
            Import-Log audit.log -Server db1 -Source audit
            Repair-LogStore -Pack
            Import-Log recent.log -Server web1 -Source shop
            """);
        return folder;
    }

    /// <summary>Makes a folder with a store of one segment, of two batches: 3000 lines, and then 50.</summary>
    public string NewStoreOfTwoBatches()
    {
        string folder = Path.Combine(_root, $"{++_stores}");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "first.log"), Lines(new DateTimeOffset(2020, 1, 1, 10, 0, 0, TimeSpan.Zero), 3000));
        File.WriteAllText(Path.Combine(folder, "second.log"), Lines(new DateTimeOffset(2020, 1, 1, 12, 0, 0, TimeSpan.Zero), 50));
        Enter(folder);
        Engine.Run("Import-Log first.log -Server web1 -Source shop; Import-Log second.log -Server web1 -Source shop");
        return folder;
    }

    private void Enter(string folder) => Engine.Run(
        $"$null = $ExecutionContext.SessionState.Path.SetLocation('{folder}'); $PSDefaultParameterValues = @{{ '*-Log:Store' = '{folder}/store'; '*-LogStore:Store' = '{folder}/store' }}");

    private static string Lines(DateTimeOffset begin, int count)
    {
        var random = new Random(count);
        var text = new StringBuilder();
        for (int i = 0; i < count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{begin.AddSeconds(i):yyyy-MM-ddTHH:mm:ss}Z {(i % 10 == 0 ? "ERROR" : "INFO")} order {random.Next()} of customer {random.Next()} placed\n");
        }

        return text.ToString();
    }
}

[CollectionDefinition("Log stores")]
public sealed class StoreEngineGroup : ICollectionFixture<StoreEngine>;
