using ProdOps.Cmdlets.Tests.Backup;

namespace ProdOps.Cmdlets.Tests.Servers;

/// <summary>Copy-ServerItem and Compare-ServerItem with this machine as the server.</summary>
public sealed class ServerItemTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-items-").FullName;
    private readonly Engine _engine = new();

    public ServerItemTests()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "www", "css"));
        File.WriteAllText(Path.Combine(_folder, "www", "index.html"), "hello");
        File.WriteAllText(Path.Combine(_folder, "www", "css", "site.css"), "body {}");
        _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}')");
    }

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_folder_is_planned_copied_skipped_and_mirrored()
    {
        var steps = _engine.Run("Copy-ServerItem www -Destination $PWD/copy -Server localhost -WhatIf");
        Assert.Equal(4, steps.Count);
        Assert.False(Directory.Exists(Path.Combine(_folder, "copy")));

        dynamic copied = _engine.Run("Copy-ServerItem www -Destination $PWD/copy -Server localhost").Single();
        Assert.Equal(2L, copied.Files);
        Assert.True(copied.Verified);
        dynamic again = _engine.Run("Copy-ServerItem www $PWD/copy -ToServer localhost").Single();
        Assert.Equal((0L, 2L), ((long)again.Files, (long)again.Skipped));

        File.WriteAllText(Path.Combine(_folder, "copy", "extra"), "x");
        Assert.Equal("Delete", $"{_engine.Run("(Copy-ServerItem www $PWD/copy -Server localhost -Delete -WhatIf).Where({ $_.Action -eq 'Delete' }).Action").Single()}");
        dynamic mirrored = _engine.Run("Copy-ServerItem www $PWD/copy -Server localhost -Delete -Confirm:$false").Single();
        Assert.Equal(1L, mirrored.Deleted);
        Assert.False(File.Exists(Path.Combine(_folder, "copy", "extra")));
    }

    [Fact]
    public void Servers_come_by_the_pipeline_and_a_file_comes_back_into_a_folder()
    {
        dynamic sent = _engine.Run("'localhost' | Copy-ServerItem www/index.html -Destination $PWD/there/").Single();
        Assert.Equal(Path.Combine(_folder, "there", "index.html"), sent.Destination);
        dynamic back = _engine.Run("Copy-ServerItem -FromServer localhost $PWD/there/index.html -Destination ./back/").Single();
        Assert.Equal(sent.Checksum, back.Checksum);
        Assert.Equal("hello", File.ReadAllText(Path.Combine(_folder, "back", "index.html")));
    }

    [Fact]
    public void Two_paths_go_in_by_their_names()
    {
        Assert.Equal(2, _engine.Run("Copy-ServerItem www/index.html, www/css -Destination $PWD/both -Server localhost").Count);
        Assert.True(File.Exists(Path.Combine(_folder, "both", "index.html")));
        Assert.True(File.Exists(Path.Combine(_folder, "both", "css", "site.css")));
    }

    [Fact]
    public void What_is_not_there_is_an_error_with_an_id()
    {
        Assert.Equal("SourceNotFound,ProdOps.Cmdlets.Servers.CopyServerItem", _engine.Fail("Copy-ServerItem nothing -Destination $PWD/x -Server localhost").FullyQualifiedErrorId);
        Assert.Equal("SourceNotFound,ProdOps.Cmdlets.Servers.CopyServerItem", _engine.Fail("Copy-ServerItem -FromServer localhost $PWD/nothing -Destination x").FullyQualifiedErrorId);
        Assert.Equal("DestinationInvalid,ProdOps.Cmdlets.Servers.CopyServerItem", _engine.Fail("Copy-ServerItem www -Destination $PWD/www/index.html -Server localhost").FullyQualifiedErrorId);
        Assert.Equal("SourceNotFound,ProdOps.Cmdlets.Servers.CompareServerItem", _engine.Fail("Compare-ServerItem $PWD/nothing -Server localhost").FullyQualifiedErrorId);
        Assert.Equal("ReferenceServerMissing,ProdOps.Cmdlets.Servers.CompareServerItem", _engine.Fail("Compare-ServerItem $PWD/www -Server localhost -ReferenceServer web9").FullyQualifiedErrorId);
    }

    [Fact]
    public void A_server_is_compared_with_a_local_folder()
    {
        _engine.Run("Copy-ServerItem www -Destination $PWD/copy -Server localhost");
        Assert.Empty(_engine.Run("Compare-ServerItem $PWD/copy -Server localhost -ReferencePath www"));
        Assert.Equal(4, _engine.Run("Compare-ServerItem $PWD/copy -Server localhost -ReferencePath www -IncludeEqual").Count);
        File.WriteAllText(Path.Combine(_folder, "copy", "css", "site.css"), "other");
        dynamic item = _engine.Run("Compare-ServerItem $PWD/copy -Server localhost -ReferencePath www").Single();
        Assert.Equal("Content", item.Difference.ToString());
        Assert.Equal("localhost", Assert.Single((IReadOnlyList<string>)item.DifferentServers));
    }
}
