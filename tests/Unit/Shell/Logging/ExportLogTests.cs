using System.IO.Compression;
using System.Management.Automation;
using System.Text.Json;
using ProdOps.Cmdlets.Tests.Backup;

namespace ProdOps.Cmdlets.Tests.Logging;

/// <summary>Export-Log, and what others read of its files.</summary>
[Collection("Log stores")]
public sealed class ExportLogTests(StoreEngine stores)
{
    private readonly Engine _engine = stores.Engine;

    [Fact]
    public void Lines_are_written_byte_for_byte_and_compressed_as_the_name_ends()
    {
        string folder = stores.NewStore();
        byte[] audit = File.ReadAllBytes(Path.Combine(folder, "audit.log"));
        var export = Assert.Single(_engine.Run("Export-Log -Source audit -Path audit-out.log"));
        Assert.Equal((Path.Combine(folder, "audit-out.log"), 20L, (long)audit.Length), (Value(export, "Path"), Value(export, "Entries"), Value(export, "Bytes")));
        Assert.Equal(audit, File.ReadAllBytes(Path.Combine(folder, "audit-out.log")));

        _engine.Run("Export-Log -Source audit -Path audit.gz");
        using (var gzip = new GZipStream(File.OpenRead(Path.Combine(folder, "audit.gz")), CompressionMode.Decompress))
        using (var content = new MemoryStream())
        {
            gzip.CopyTo(content);
            Assert.Equal(audit, content.ToArray());
        }

        _engine.Run("Export-Log ERROR -Source shop -Path errors.zst");
        Assert.Equal("28B52FFD", Convert.ToHexString(File.ReadAllBytes(Path.Combine(folder, "errors.zst"))[..4]));
        Assert.Equal(25, _engine.Run("Search-Log -Path errors.zst -Raw").Count);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "errors.zst")));
        Assert.Empty(Directory.GetFiles(folder, "*.tmp"));
    }

    [Fact]
    public void Json_has_an_object_a_line()
    {
        string folder = stores.NewStore();
        _engine.Run("Export-Log -Source audit -Path audit.json");
        string[] lines = File.ReadAllLines(Path.Combine(folder, "audit.json"));
        Assert.Equal(StoreEngine.Audit, lines.Length);
        using var first = JsonDocument.Parse(lines[0]);
        Assert.Equal("db1", first.RootElement.GetProperty("server").GetString());
        Assert.Equal("audit", first.RootElement.GetProperty("source").GetString());
        Assert.Equal("Error", first.RootElement.GetProperty("level").GetString());
        Assert.Equal(new DateTimeOffset(2020, 1, 31, 10, 0, 0, TimeSpan.Zero), first.RootElement.GetProperty("time").GetDateTimeOffset());
        Assert.Equal(File.ReadLines(Path.Combine(folder, "audit.log")).First(), first.RootElement.GetProperty("raw").GetString());
        _engine.Run("Export-Log -Source audit -Path raw.json -Format Raw");
        Assert.Equal(File.ReadAllBytes(Path.Combine(folder, "audit.log")), File.ReadAllBytes(Path.Combine(folder, "raw.json")));
    }

    [Fact]
    public void All_sources_that_come_by_the_pipeline_are_exported()
    {
        string folder = stores.NewStore();
        Assert.Equal(270L, Value(Assert.Single(_engine.Run("Get-LogStore | Export-Log -Path all.log")), "Entries"));
        Assert.Equal(270, File.ReadLines(Path.Combine(folder, "all.log")).Count());
    }

    [Fact]
    public void A_file_that_is_there_is_replaced_only_by_force()
    {
        string path = Path.Combine(stores.NewStore(), "there.log");
        File.WriteAllText(path, "mine");
        Assert.Equal("LogExportExists,ProdOps.Cmdlets.Logging.ExportLog", _engine.Fail("Export-Log -Path there.log").FullyQualifiedErrorId);
        Assert.Empty(_engine.Run("Export-Log -Path there.log -Force -WhatIf"));
        Assert.Equal("mine", File.ReadAllText(path));
        _engine.Run("Export-Log -Path there.log -Force -Source audit");
        Assert.Equal(StoreEngine.Audit, File.ReadLines(path).Count());
        Assert.Equal("LogExportFailed,ProdOps.Cmdlets.Logging.ExportLog", _engine.Fail("Export-Log -Path ./nowhere/x.log").FullyQualifiedErrorId);
    }

    private static object Value(PSObject item, string property) => item.Properties[property].Value;
}
