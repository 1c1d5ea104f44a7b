using ProdOps.Cmdlets.Tests.Backup;

namespace ProdOps.Cmdlets.Tests.Servers;

/// <summary>Sync-ServerItem with this machine as both servers: the same folder, which is the same already.</summary>
public sealed class SyncServerItemTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-sync-").FullName;
    private readonly Engine _engine = new();

    public SyncServerItemTests()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "data"));
        Directory.CreateDirectory(Path.Combine(_folder, "empty"));
        File.WriteAllText(Path.Combine(_folder, "data", "a"), "hello");
        File.WriteAllText(Path.Join(_folder, "environment.psd1"), $$"""
            @{
                Name    = 'lab'
                Servers = @(@{ Name = 'web1'; Address = '127.0.0.1'; Local = $true; Role = 'App' }, @{ Name = 'web2'; Address = '127.0.0.1'; Local = $true; Role = 'App' })
                LoadBalancers = @{
                    web   = @{ Servers = 'web1'; Port = 80; PoolPort = 8080; Pool = 'web1', 'web2'; Check = '/health'; SharedData = @(@{ Path = '{{_folder}}/data'; From = 'web2' }, @{ Path = '/mnt/none'; Method = 'Nfs' }) }
                    other = @{ Servers = 'web1'; Port = 81; PoolPort = 8081; Pool = 'web1'; Check = '/health'; SharedData = @{ Path = '/mnt/none'; Method = 'Nfs' } }
                }
            }
            """);
        _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}')");
    }

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [ProgramFact("rsync")]
    public void The_servers_of_a_load_balancer_are_made_the_same_as_the_one_that_is_named()
    {
        Assert.Empty(_engine.Run("Sync-ServerItem -LoadBalancer web -WhatIf"));
        dynamic result = _engine.Run("Sync-ServerItem -LoadBalancer web -Delete -Verify -Exclude *.tmp -BandwidthLimit 10MB").Single();
        Assert.Equal(("web2", "web1", $"{_folder}/data"), ((string)result.Source, (string)result.Server, (string)result.Path));
        Assert.Equal((0L, 2L, 5L), ((long)result.Files, (long)result.TotalItems, (long)result.TotalSize));
        Assert.True((bool)result.Verified);
        Assert.Null(result.Problem);
    }

    [ProgramFact("rsync")]
    public void The_source_is_passed_over_among_the_servers()
    {
        var servers = _engine.Run("'role:App' | Sync-ServerItem $PWD/data -Source web1 | ForEach-Object Server").Select(item => $"{item}");
        Assert.Equal(["web2"], servers);
        Assert.Empty(_engine.Run("Sync-ServerItem $PWD/data -Source web1 -Server web1"));
    }

    [ProgramFact("rsync")]
    public void What_must_not_be_done_is_an_error_with_an_id()
    {
        string[] calls =
        [
            "SyncPathInvalid Sync-ServerItem / -Source web1 -Server web2", "SourceNotFound Sync-ServerItem $PWD/nothing -Source web1 -Server web2",
            "SyncSourceEmpty Sync-ServerItem $PWD/empty -Source web1 -Server web2 -Delete -Confirm:$false", "SyncSourceInvalid Sync-ServerItem $PWD/data -Source role:App -Server web2",
            "SharedDataMissing Sync-ServerItem -LoadBalancer other", "LoadBalancerNotFound Sync-ServerItem -LoadBalancer wob", "ServerNotFound Sync-ServerItem $PWD/data -Source wob1 -Server web2",
        ];
        foreach (string call in calls)
        {
            string[] parts = call.Split(' ', 2);
            Assert.Equal($"{parts[0]},ProdOps.Cmdlets.Servers.SyncServerItem", _engine.Fail(parts[1]).FullyQualifiedErrorId);
        }
    }
}
