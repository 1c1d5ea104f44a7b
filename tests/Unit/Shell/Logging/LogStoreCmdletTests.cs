using System.Management.Automation;
using System.Security.Cryptography;
using ProdOps.Cmdlets.Tests.Backup;

namespace ProdOps.Cmdlets.Tests.Logging;

/// <summary>What looks after a store: Get-LogStore, Remove-Log, Protect-Log, Unprotect-Log and Repair-LogStore.</summary>
[Collection("Log stores")]
public sealed class LogStoreCmdletTests(StoreEngine stores)
{
    private readonly Engine _engine = stores.Engine;

    [Fact]
    public void Get_LogStore_tells_of_each_source_what_there_is()
    {
        string folder = stores.NewStore();
        var found = _engine.Run("Get-LogStore").ToDictionary(item => item.ToString());
        Assert.Equal(["db1/audit", "web1/shop"], found.Keys.Order(StringComparer.Ordinal));
        var shop = found["web1/shop"];
        Assert.Equal(("250", "2", "1"), (Text(shop, "Entries"), Text(shop, "Segments"), Text(shop, "SealedSegments")));
        Assert.Equal(new FileInfo(Path.Combine(folder, "old.log")).Length + new FileInfo(Path.Combine(folder, "recent.log")).Length, shop.Properties["Size"].Value);
        Assert.Equal(Path.Combine(folder, "store", "web1", "shop"), Text(shop, "Path"));
        Assert.Equal(new DateTimeOffset(2020, 1, 1, 10, 0, 0, TimeSpan.Zero), shop.Properties["From"].Value);
        Assert.Equal("20", Text(Assert.Single(_engine.Run("Get-LogStore -Server db*")), "Entries"));
        Assert.Equal("web1/shop", Assert.Single(_engine.Run("Get-LogStore -Source shop")).ToString());
    }

    [Theory]
    [InlineData("Get-LogStore -Source nothing", "LogSourceNotFound", "GetLogStore")]
    [InlineData("Remove-Log -Server web9 -OlderThan 90d -Confirm:$false", "LogSourceNotFound", "RemoveLog")]
    [InlineData("Protect-Log case -Source nothing", "LogSourceNotFound", "ProtectLog")]
    [InlineData("Unprotect-Log case -Source nothing -Confirm:$false", "LogSourceNotFound", "UnprotectLog")]
    [InlineData("Repair-LogStore -Source nothing", "LogSourceNotFound", "RepairLogStore")]
    [InlineData("Unprotect-Log 'no such case' -Confirm:$false", "LogHoldNotFound", "UnprotectLog")]
    [InlineData("Remove-Log -Confirm:$false", "LogRetentionMissing", "RemoveLog")]
    [InlineData("Get-LogStore -Store ./nowhere", "LogStoreNotFound", "GetLogStore")]
    public void What_is_not_there_or_not_said_is_an_error_and_changes_nothing(string script, string id, string cmdlet)
    {
        string folder = stores.NewStore(), before = Fingerprint(folder);
        var error = _engine.Fail(script);
        Assert.Equal($"{id},ProdOps.Cmdlets.Logging.{cmdlet}", error.FullyQualifiedErrorId);
        Assert.False(string.IsNullOrEmpty(error.ErrorDetails?.RecommendedAction));
        Assert.Equal(before, Fingerprint(folder));
    }

    [Fact]
    public void What_if_shows_and_changes_nothing()
    {
        string folder = stores.NewStore();
        _engine.Run("$null = Protect-Log 'case 42' -Source audit");
        string before = Fingerprint(folder);
        Assert.Equal(["web1/shop"], _engine.Run("Remove-Log -OlderThan 90d -WhatIf").Select(item => $"{Text(item, "Server")}/{Text(item, "Source")}"));
        Assert.Equal(2, _engine.Run("Remove-Log -MaxSize 0 -WhatIf").Count);
        Assert.Empty(_engine.Run("Protect-Log 'case 43' -WhatIf"));
        Assert.Empty(_engine.Run("Unprotect-Log 'case 42' -WhatIf"));
        Assert.Empty(_engine.Run("Repair-LogStore -Pack -WhatIf"));
        Assert.Equal(before, Fingerprint(folder));
    }

    [Fact]
    public void Old_segments_go_whole_and_held_ones_stay_until_they_are_let_go()
    {
        string folder = stores.NewStore();
        var hold = Assert.Single(_engine.Run("Protect-Log 'case 42' -Source audit"));
        Assert.Equal(("db1", "audit", "case 42"), (Text(hold, "Server"), Text(hold, "Source"), Text(hold, "Reason")));
        Assert.Equal(["case 42"], _engine.Run("Get-LogStore -Source audit | ForEach-Object Holds").Select(item => item.ToString()));

        var removal = Assert.Single(_engine.Run("Remove-Log -OlderThan 90d -Confirm:$false"));
        Assert.Equal(("shop", "200", "older than 90 days"), (Text(removal, "Source"), Text(removal, "Entries"), Text(removal, "Reason")));
        Assert.False(File.Exists(Text(removal, "Path")));
        Assert.Equal(StoreEngine.Recent + StoreEngine.Audit, Count());
        Assert.Empty(_engine.Run("Remove-Log -MaxSize 0 -Source audit -Confirm:$false"));

        Assert.Empty(_engine.Run("Get-LogStore | ForEach-Object Holds | Unprotect-Log -Confirm:$false"));
        Assert.Equal("audit", Text(Assert.Single(_engine.Run("Remove-Log -OlderThan 90d -Confirm:$false")), "Source"));
        Assert.Equal(StoreEngine.Recent, Count());
        // What was removed is not brought in again: where reading got to outlives the lines.
        Assert.Equal(0L, _engine.Run($"(Import-Log '{folder}/audit.log' -Server db1 -Source audit).Lines").Single().BaseObject);
    }

    [Fact]
    public void A_hold_of_a_time_holds_the_segments_that_reach_into_it()
    {
        stores.NewStore();
        _engine.Run("$null = Protect-Log 'january' -After 2020-01-01T00:00:00Z -Before 2020-01-02T00:00:00Z");
        Assert.Equal(["audit"], _engine.Run("Remove-Log -OlderThan 90d -WhatIf").Select(item => Text(item, "Source")));
        // The same reason again is the same hold with new times.
        _engine.Run("$null = Protect-Log 'January' -After 2020-01-05T00:00:00Z -Before 2020-01-06T00:00:00Z");
        Assert.Single(_engine.Run("Get-LogStore -Source shop | ForEach-Object Holds"));
        Assert.Equal(2, _engine.Run("Remove-Log -OlderThan 90d -WhatIf").Count);
    }

    [Theory]
    [InlineData("Retention = '90d'", "audit,shop")]
    [InlineData("Retention = '90d'; Sources = @(@{ Name = 'audit'; Path = '/var/log/audit.log'; Retention = '36500d' })", "shop")]
    [InlineData("MaxSize = '1KB'", "audit,shop,shop")]
    public void Without_a_rule_of_its_own_the_environments_counts(string logging, string removed)
    {
        string folder = stores.NewStore();
        File.WriteAllText(Path.Combine(folder, "environment.psd1"), $"@{{ Name = 'shop'; Logging = @{{ {logging} }} }}");
        var removals = _engine.Run("Remove-Log -Environment ./environment.psd1 -Confirm:$false");
        Assert.Equal(removed, string.Join(',', removals.Select(item => Text(item, "Source")).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Flipped_bytes_are_found_and_what_can_be_read_is_saved()
    {
        string folder = stores.NewStoreOfTwoBatches();
        string path = Directory.GetFiles(Path.Combine(folder, "store"), "*.log.zst", SearchOption.AllDirectories).Single();
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 0x10;
        File.WriteAllBytes(path, bytes);
        string before = Fingerprint(folder);

        var found = Assert.Single(_engine.Run("Repair-LogStore -WhatIf"));
        Assert.Equal(("Damaged", path), (Text(found, "State"), Text(found, "Path")));
        Assert.Equal(before, Fingerprint(folder));

        var mended = Assert.Single(_engine.Run("Repair-LogStore"));
        Assert.Equal("Salvaged", Text(mended, "State"));
        long lost = (long)mended.Properties["LostLines"].Value;
        Assert.InRange(lost, 1, 3000);
        Assert.Equal(3050 - lost, Count());
        Assert.Equal(bytes, File.ReadAllBytes(path + ".damaged"));
        Assert.Empty(_engine.Run("Repair-LogStore"));
        Assert.Equal("Good", Text(Assert.Single(_engine.Run("Repair-LogStore -All")), "State"));
    }

    [Fact]
    public void An_index_that_is_gone_is_made_again_and_packing_loses_no_line()
    {
        string folder = stores.NewStoreOfTwoBatches();
        string index = Directory.GetFiles(Path.Combine(folder, "store"), "*.idx", SearchOption.AllDirectories).Single();
        File.Delete(index);
        Assert.Equal(3050, Count());
        Assert.Equal("IndexDamaged", Text(Assert.Single(_engine.Run("Repair-LogStore -WhatIf")), "State"));
        Assert.Equal("Reindexed", Text(Assert.Single(_engine.Run("Repair-LogStore -Pack")), "State"));
        Assert.True(File.Exists(index));
        Assert.Equal("1", Text(Assert.Single(_engine.Run("Get-LogStore")), "SealedSegments"));
        Assert.Equal(3050, Count());
    }

    [Fact]
    public void Sources_that_are_piped_are_all_searched_and_no_others()
    {
        stores.NewStore();
        const string All = "Get-LogStore | Search-Log -Count";
        Assert.Equal($"{StoreEngine.Old + StoreEngine.Recent + StoreEngine.Audit}", Assert.Single(_engine.Run(All)).ToString());
        Assert.Equal(["db1/audit", "web1/shop"], _engine.Run("Get-LogStore | Search-Log ERROR").Select(item => $"{Text(item, "Server")}/{Text(item, "Source")}").Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(2, _engine.Run("Get-LogStore | Measure-Log -By Source").Count);
        Assert.Equal($"{StoreEngine.Audit}", Assert.Single(_engine.Run("@{ Server = 'db1'; Source = 'audit' }, @{ Server = 'web1'; Source = 'audit' } | ForEach-Object { [pscustomobject]$_ } | Search-Log -Count")).ToString());
    }

    [Fact]
    public void Packing_keeps_to_the_sources_that_are_named()
    {
        stores.NewStore();
        _engine.Run("Repair-LogStore -Pack -Source audit");
        Assert.Equal("1", Text(Assert.Single(_engine.Run("Get-LogStore -Source shop")), "SealedSegments"));
        _engine.Run("Get-LogStore | Repair-LogStore -Pack");
        Assert.Equal("2", Text(Assert.Single(_engine.Run("Get-LogStore -Source shop")), "SealedSegments"));
    }

    private long Count() => Convert.ToInt64(_engine.Run("Search-Log -Count").Single().BaseObject, System.Globalization.CultureInfo.InvariantCulture);

    private static string Text(PSObject item, string property) => $"{item.Properties[property].Value}";

    /// <summary>The names of all files of the store, and what is in them.</summary>
    private static string Fingerprint(string folder) => string.Join('\n', Directory.GetFiles(Path.Combine(folder, "store"), "*", SearchOption.AllDirectories)
        .Where(path => new FileInfo(path).Length > 0).Order(StringComparer.Ordinal).Select(path => $"{path} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))}"));
}
