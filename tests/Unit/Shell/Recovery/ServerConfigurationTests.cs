using ProdOps.Cmdlets.Tests.Backup;

namespace ProdOps.Cmdlets.Tests.Recovery;

/// <summary>Get-ServerConfiguration and Compare-ServerConfiguration with captures from files.</summary>
public sealed class ServerConfigurationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-captures-").FullName;
    private readonly Engine _engine = new();

    public ServerConfigurationTests()
    {
        Write("before.json", "web1", "1.22.1");
        Write("after.json", "web1", "1.24.0");
        Write("other.json", "web2", "1.22.1");
        _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}')");
    }

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_capture_comes_from_its_file_as_an_object()
    {
        dynamic capture = _engine.Run("Get-ServerConfiguration -Path before.json").Single();
        Assert.Equal(("web1", 3), ((string)capture.Server, (int)capture.Items.Count));
        Assert.Equal("/srv/state", $"{_engine.Run("(Get-ServerConfiguration -Path before.json).Unexplained[0].Name").Single()}");
        Assert.Equal("1.22.1", $"{_engine.Run("(Get-ServerConfiguration -Path before.json).Items[0].Property('Version')").Single()}");
        Assert.Equal("0.9", $"{_engine.Run("(Get-ServerConfiguration -Path before.json).Coverage.FileShare").Single()}");
    }

    [Fact]
    public void Two_times_are_compared_by_files_or_by_the_pipeline()
    {
        dynamic difference = _engine.Run("Get-ServerConfiguration -Path after.json | Compare-ServerConfiguration -ReferencePath before.json").Single();
        Assert.Equal(("Changed", "nginx", "1.22.1", "1.24.0"), ($"{difference.Change}", (string)difference.Name, (string)difference.ReferenceItem.Properties["Version"], (string)difference.Item.Properties["Version"]));
        Assert.Single(_engine.Run("Get-ServerConfiguration -Path before.json, after.json | Compare-ServerConfiguration"));
        Assert.Empty(_engine.Run("Get-ServerConfiguration -Path before.json, after.json | Compare-ServerConfiguration -Kind User"));
    }

    [Fact]
    public void The_reference_can_be_named_and_what_must_differ_is_told_when_asked_for()
    {
        dynamic difference = _engine.Run("Get-ServerConfiguration -Path after.json, other.json | Compare-ServerConfiguration -ReferenceServer web2").Single();
        Assert.Equal(("1.22.1", "1.24.0"), ((string)difference.ReferenceItem.Properties["Version"], (string)difference.Item.Properties["Version"]));
        Assert.Equal(["Changed System HostName"], _engine.Run("Get-ServerConfiguration -Path before.json, other.json | Compare-ServerConfiguration -IncludeExpected").Select(found => $"{found}"));
    }

    [Fact]
    public void What_cannot_be_compared_is_an_error_with_an_id()
    {
        const string get = ",ProdOps.Cmdlets.Recovery.GetServerConfiguration", compare = ",ProdOps.Cmdlets.Recovery.CompareServerConfiguration";
        File.WriteAllText(Path.Combine(_folder, "wrong.json"), "{}");
        Assert.Equal("CaptureNotFound" + get, _engine.Fail("Get-ServerConfiguration -Path none.json").FullyQualifiedErrorId);
        Assert.Equal("CaptureUnreadable" + get, _engine.Fail("Get-ServerConfiguration -Path wrong.json").FullyQualifiedErrorId);
        Assert.Equal("CaptureNeedsFolder" + get, _engine.Fail("Get-ServerConfiguration root@127.0.0.1:1, root@127.0.0.1:2 -Destination x.json").FullyQualifiedErrorId);
        Assert.Equal("NothingToCompare" + compare, _engine.Fail("Get-ServerConfiguration -Path before.json | Compare-ServerConfiguration").FullyQualifiedErrorId);
        Assert.Equal("ReferenceServerMissing" + compare, _engine.Fail("Get-ServerConfiguration -Path before.json, after.json | Compare-ServerConfiguration -ReferenceServer web9").FullyQualifiedErrorId);
    }

    private void Write(string name, string server, string version) => File.WriteAllText(Path.Combine(_folder, name), $$"""
        {
          "format": "prodops-server-configuration/1",
          "capture": {
            "server": "{{server}}", "time": "2026-11-27T03:20:11+00:00", "duration": "00:00:02", "asRoot": true, "system": "Debian GNU/Linux 12 (bookworm)", "systemId": "debian 12", "machine": "x86_64",
            "items": [
              { "kind": "Package", "name": "nginx", "class": "Rebuild", "reason": "comes from a repository", "properties": { "Version": "{{version}}" } },
              { "kind": "Data", "name": "/srv/state", "class": "Unexplained", "size": 10, "properties": { "Files": "1" } },
              { "kind": "System", "name": "HostName", "class": "Replay", "properties": { "Value": "{{server}}" } }
            ],
            "notRead": [ { "what": "firewall", "reason": "no program of a firewall was found" } ],
            "coverage": { "files": 10, "explainedFiles": 9, "bytes": 100, "explainedBytes": 90 }, "proofId": ""
          }
        }
        """);
}
