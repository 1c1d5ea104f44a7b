using System.Text;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;

namespace ProdOps.Backup.Tests.Storage;

/// <summary>A repository behind <c>rclone serve restic</c>, which restic uses as well, with and without trouble on the way.</summary>
public sealed class RestPlaceTests : IAsyncLifetime
{
    private readonly PlaceLab _lab = new();
    private readonly List<IAsyncDisposable> _servers = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var server in _servers.AsEnumerable().Reverse()) await server.DisposeAsync();
        _lab.Dispose();
    }

    [RcloneFact]
    public async Task Both_programs_work_on_one_repository_and_each_goes_on_from_the_other()
    {
        var server = await ServeAsync();
        await PlaceLab.InitializeAsync(server.Url);
        _lab.Fill(1);
        var first = await _lab.BackupAsync(server.Url);
        Assert.Equal(BackupStatus.Complete, first.Status);
        Assert.DoesNotContain(Uri.EscapeDataString(RcloneServer.Password), first.Repository);
        _lab.Write("more", TestRepository.Text(50_000, 9));
        new ResticProgram(server.Url).Run("backup", "--host", LocalHost.Name, _lab.Source);
        var third = await _lab.BackupAsync(server.Url);
        Assert.NotEqual(first.Id, third.Parent);
        Assert.Equal(0, third.Summary!.DataBlobs);
        _lab.AssertResticRestoresTheSource(server.Url, third.Id);
        await PlaceLab.CheckAsync(server.Url);
        // The same files are a repository in a folder.
        await PlaceLab.CheckAsync(Path.Combine(server.Folder, "repository"));
    }

    [RcloneFact]
    public async Task A_repository_that_restic_made_is_ours_as_well()
    {
        var server = await ServeAsync();
        new ResticProgram(server.Url).Run("init");
        _lab.Fill(2, megabytes: 1);
        await _lab.BackupAsync(server.Url);
        _lab.AssertResticRestoresTheSource(server.Url);
        var again = await Assert.ThrowsAsync<ProdOpsException>(() => PlaceLab.InitializeAsync(server.Url));
        Assert.Equal("RepositoryExists", again.ErrorId);
    }

    [RcloneFact]
    public async Task An_append_only_server_takes_backups_and_refuses_to_delete_them()
    {
        var server = await ServeAsync("--append-only");
        await PlaceLab.InitializeAsync(server.Url);
        _lab.Fill(3, megabytes: 1);
        var snapshot = await _lab.BackupAsync(server.Url);
        await using (var repository = await TestRepository.OpenAsync(await PlaceLab.OpenAsync(server.Url)))
        {
            var error = await Assert.ThrowsAsync<ProdOpsException>(async () => await repository.Storage.DeleteAsync(new FileHandle(FileKind.Snapshot, ObjectId.Parse(snapshot.Id)), default));
            Assert.Equal(("PlaceAppendOnly", ErrorKind.PermissionDenied), (error.ErrorId, error.Kind));
            Assert.Contains(snapshot.Id, error.Message);
            Assert.Empty(await new RepositoryLocks(repository, SilentActivity.Instance).ListAsync(default));
        }

        await PlaceLab.CheckAsync(server.Url);
    }

    [RcloneFact]
    public async Task A_wrong_password_is_told_at_once_and_never_shown()
    {
        var server = await ServeAsync();
        await using var proxy = new TroubledProxy(server.Port);
        string address = $"rest:http://{RcloneServer.User}:not-it-at-all@127.0.0.1:{proxy.Port}/repository/";
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => _lab.BackupAsync(address));
        Assert.Equal(("PlaceLoginFailed", ErrorKind.Authentication), (error.ErrorId, error.Kind));
        Assert.DoesNotContain("not-it-at-all", error.ToString() + error.Target);
        Assert.Single(proxy.Requests);
    }

    [RcloneFact]
    public async Task Through_cut_connections_lost_answers_and_busy_servers_nothing_that_was_acknowledged_is_lost()
    {
        var server = await ServeAsync();
        await PlaceLab.InitializeAsync(server.Url);
        await using var proxy = new TroubledProxy(server.Port);
        var random = new Random(11);
        proxy.Choose = request =>
        {
            lock (random)
            {
                if (random.Next(3) != 0) return Trouble.None;
                if (request.StartsWith("POST", StringComparison.Ordinal)) return (Trouble)random.Next((int)Trouble.CutUpload, (int)Trouble.CutDownload);
                return request.StartsWith("GET", StringComparison.Ordinal) ? (Trouble)random.Next((int)Trouble.CutDownload, (int)Trouble.TooMany) : Trouble.ServerError;
            }
        };
        string address = server.Url.Replace($":{server.Port}/", $":{proxy.Port}/", StringComparison.Ordinal);
        for (int round = 0; round < 3; round++)
        {
            _lab.Fill(20 + round, megabytes: 9);
            var snapshot = await _lab.BackupAsync(address, force: true);
            Assert.Equal(BackupStatus.Complete, snapshot.Status);
            _lab.AssertResticRestoresTheSource(server.Url, snapshot.Id);
        }

        foreach (var trouble in new[] { Trouble.CutUpload, Trouble.LoseAnswer, Trouble.CutDownload, Trouble.ServerError }) Assert.True(proxy.Made.GetValueOrDefault(trouble) > 0, $"{trouble} was not made");
        await PlaceLab.CheckAsync(server.Url);
    }

    [RcloneFact]
    public async Task A_server_that_wants_to_be_left_alone_is()
    {
        var server = await ServeAsync();
        await PlaceLab.InitializeAsync(server.Url);
        await using var proxy = new TroubledProxy(server.Port);
        int left = 2;
        proxy.Choose = request => request.StartsWith("HEAD", StringComparison.Ordinal) && Interlocked.Decrement(ref left) >= 0 ? Trouble.TooMany : Trouble.None;
        await using var storage = await PlaceLab.OpenAsync(server.Url.Replace($":{server.Port}/", $":{proxy.Port}/", StringComparison.Ordinal));
        Assert.NotNull(await storage.FindAsync(FileHandle.Config, default));
        Assert.Equal(2, proxy.Made[Trouble.TooMany]);
    }

    [RcloneFact]
    public async Task Lists_that_lie_harm_nothing()
    {
        var server = await ServeAsync();
        await PlaceLab.InitializeAsync(server.Url);
        _lab.Fill(4, megabytes: 1);
        var snapshot = await _lab.BackupAsync(server.Url);
        await using var proxy = new TroubledProxy(server.Port);
        string address = server.Url.Replace($":{server.Port}/", $":{proxy.Port}/", StringComparison.Ordinal);
        // Each name twice, names that are none, sizes that are wrong.
        proxy.Change = (request, body) => !request.EndsWith('/') || !request.StartsWith("GET", StringComparison.Ordinal) ? body
            : Encoding.UTF8.GetBytes("[{\"name\":\"../../etc/passwd\",\"size\":1}," + (Encoding.UTF8.GetString(body).Trim()[1..^1].Replace("\"size\":", "\"size\":9", StringComparison.Ordinal) is { Length: > 0 } list ? $"{list},{list}]" : "{}]"));
        await using (var repository = await TestRepository.OpenAsync(await PlaceLab.OpenAsync(address)))
        {
            Assert.Equal([snapshot.Id], (await repository.ListSnapshotsAsync(SilentActivity.Instance, default)).Select(found => found.Id.ToString()));
            int packs = Directory.GetFiles(Path.Combine(server.Folder, "repository", "data"), "*", SearchOption.AllDirectories).Length;
            Assert.Equal(packs, await repository.Storage.ListAsync(FileKind.Pack, default).CountAsync());
            Assert.NotEmpty(await repository.ReadBlobAsync(new BlobHandle(BlobType.Tree, (await repository.FindSnapshotAsync("latest", SilentActivity.Instance, null, default)).Tree), default));
        }

        proxy.Change = (request, body) => request.EndsWith("index/", StringComparison.Ordinal) ? "<html>It works!</html>"u8.ToArray() : body;
        var error = await Assert.ThrowsAsync<ProdOpsException>(async () => await TestRepository.OpenAsync(await PlaceLab.OpenAsync(address)));
        Assert.Equal("PlaceMisbehaves", error.ErrorId);
        proxy.Change = (request, body) => request.Contains("/index/", StringComparison.Ordinal) && !request.EndsWith('/') ? body[..(body.Length / 2)] : body;
        error = await Assert.ThrowsAsync<ProdOpsException>(async () => await TestRepository.OpenAsync(await PlaceLab.OpenAsync(address)));
        Assert.Equal("IndexDamaged", error.ErrorId);
    }

    [RcloneFact]
    public async Task Over_tls_the_server_is_checked_against_the_certificates_that_are_named()
    {
        string certificate = _lab["certificate.pem"], key = _lab["key.pem"], other = _lab["other.pem"];
        PlaceLab.WriteCertificate(certificate, key);
        PlaceLab.WriteCertificate(other, _lab["other.key"]);
        var server = await ServeAsync("--cert", certificate, "--key", key);
        string address = server.Url.Replace("http:", "https:", StringComparison.Ordinal);
        foreach (string? trusted in new[] { null, other })
        {
            var error = await Assert.ThrowsAsync<ProdOpsException>(async () => await (await PlaceLab.OpenAsync(address, options: new TransferOptions { CaCertificate = trusted })).ExistsAsync(default));
            Assert.Equal("PlaceNotTrusted", error.ErrorId);
        }

        var options = new TransferOptions { CaCertificate = certificate };
        await using (var repository = await TestRepository.CreateAsync(await PlaceLab.OpenAsync(address, options: options))) Assert.Equal(0, repository.Index.Count);
        _lab.Fill(6, megabytes: 5);
        await _lab.BackupAsync(address, options: options);
        Assert.Contains("no errors were found", new ResticProgram(address).Run("check", "--read-data", "--cacert", certificate));
        var missing = await Assert.ThrowsAsync<ProdOpsException>(() => PlaceLab.OpenAsync(address, options: new TransferOptions { CaCertificate = _lab["nothing"] }));
        Assert.Equal("CaCertificateUnreadable", missing.ErrorId);
    }

    [RcloneFact]
    public async Task Two_processes_and_restic_write_at_once_and_every_snapshot_is_whole()
    {
        var server = await ServeAsync();
        await PlaceLab.InitializeAsync(server.Url);
        _lab.Fill(7, megabytes: 6);
        using var process = ProdOpsProcess.Start(server.Url, $"Invoke-Backup '{_lab.Source}' -PackSize 4 -ErrorAction Stop");
        var restic = Task.Run(() => new ResticProgram(server.Url).Run("backup", _lab.Source));
        var own = await _lab.BackupAsync(server.Url, force: true);
        var (exitCode, _, errors) = await process.EndAsync();
        Assert.True(exitCode == 0, errors);
        await restic;
        _lab.AssertResticRestoresTheSource(server.Url, own.Id);
        await PlaceLab.CheckAsync(server.Url);
    }

    [RcloneFact]
    public async Task What_is_sent_keeps_to_the_limit()
    {
        var server = await ServeAsync();
        await PlaceLab.InitializeAsync(server.Url);
        _lab.Write("data", TestRepository.RandomBytes(1 << 20, 8));
        long started = TimeProvider.System.GetTimestamp();
        await _lab.BackupAsync(server.Url, options: new TransferOptions { Upload = new RateLimit(1 << 20, TimeProvider.System) });
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 0.95, 20);
    }

    private async Task<RcloneServer> ServeAsync(params string[] options)
    {
        var server = await RcloneServer.StartAsync(_lab["server"], options);
        _servers.Add(server);
        return server;
    }
}
