namespace ProdOps.Lab.Tests.Recovery;

/// <summary>The shop of these tests: set up once, captured, backed up and with a plan for each of its servers. Each test leaves it as it was.</summary>
public sealed class LostShopFixture : IDisposable
{
    private Task<LostShop>? _shop;

    internal Admin Admin { get; private set; } = null!;

    /// <summary>The folder with a capture of each server, as it was before anything was lost.</summary>
    internal string Captures => Path.Combine(Admin.Folder, "before");

    internal Task<LostShop> OfAsync(Fleet fleet) => _shop ??= PrepareAsync(fleet);

    /// <summary>What the shop says at its front door, once it does.</summary>
    internal static Task AnswersAsync(LostShop shop)
    {
        string last = "";
        return Logging.LogAdmin.UntilAsync(async () => (last = await shop.AskAsync()) == "500 orders", () => $"the shop answers; it says: {last}");
    }

    /// <summary>Nothing differs on servers from what it was, but for what must: of the two files with hashes of passwords the dates on which accounts were made differ.</summary>
    internal async Task AssertSameAsync(params string[] servers)
    {
        string compare = string.Join("; ", servers.Select(server => $"Compare-ServerConfiguration {server} -ReferencePath '{Directory.GetFiles(Captures, $"{server}-*").Single()}'"));
        var differences = await Admin.RunAsync($"& {{ {compare} }} | ForEach-Object {{ \"$($_.Server): $_ $($_.Properties)\" }}");
        string left = string.Join('\n', differences.Sorted.Where(difference => !difference.Contains("/etc/shadow ", StringComparison.Ordinal) && !difference.Contains("/etc/gshadow ", StringComparison.Ordinal)));
        Assert.True(left.Length == 0, left);
    }

    public void Dispose() => Admin?.Dispose();

    private async Task<LostShop> PrepareAsync(Fleet fleet)
    {
        var shop = await LostShop.StartAsync(fleet);
        Admin = await shop.AdminAsync();
        (await Admin.RunAsync("Publish-LoadBalancer shop -Force")).Clean.ToString();
        await AnswersAsync(shop);
        var done = await Admin.RunAsync("$null = Initialize-BackupRepository -Repository local; $null = Invoke-Backup -Name dbfiles, dumps, webfiles, lbfiles; $null = Get-ServerConfiguration dbnew1, webnew1, lbnew1 -Destination before; $null = New-RecoveryPlan dbnew1, webnew1, lbnew1");
        Assert.Empty(done.Errors);
        return shop;
    }
}
