using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Servers.Connections;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Backup.Tests.Storage;

/// <summary>A repository behind a real sshd, which restic uses as well through ssh.</summary>
public sealed class SftpPlaceTests : IAsyncLifetime
{
    private readonly PlaceLab _lab = new();
    private readonly ServerShells _shells = new(new ServerConnector(TimeProvider.System), TimeProvider.System);
    private LoopbackSshd _sshd = null!;
    private string _key = "", _knownHosts = "";

    private string Folder => Path.Combine(_sshd.Folder, "repository");

    private string Address => $"sftp://{_sshd.User}@127.0.0.1:{_sshd.Port}/{Folder}";

    public async Task InitializeAsync()
    {
        _sshd = await LoopbackSshd.StartAsync();
        _key = _sshd.CreateUserKey("ed25519");
        _knownHosts = _sshd.WriteKnownHosts();
    }

    public async Task DisposeAsync()
    {
        _shells.Dispose();
        if (_sshd is not null) await _sshd.DisposeAsync();
        _lab.Dispose();
    }

    [UnixFact("sshd", "ssh-keygen", "ssh", "restic")]
    public async Task Both_programs_work_on_one_repository_over_sftp()
    {
        await using (await TestRepository.CreateAsync(await OpenAsync()))
        {
        }

        _lab.Fill(1);
        var first = await BackupAsync();
        Assert.Equal((BackupStatus.Complete, Address), (first.Status, first.Repository));
        Restic("backup", "--host", LocalHost.Name, _lab.Source);
        _lab.Write("more", TestRepository.Text(30_000, 1));
        var third = await BackupAsync();
        Assert.NotEqual(first.Id, third.Parent);
        Assert.Contains("no errors were found", Restic("check", "--read-data"));
        // The same files are a repository in a folder, with nothing left over.
        await PlaceLab.CheckAsync(Folder);
        _lab.AssertResticRestoresTheSource(Folder, third.Id);
        Assert.Empty(Directory.GetFiles(Path.Combine(Folder, "tmp")));
        Assert.Empty(Directory.GetFiles(Path.Combine(Folder, "locks")));
        await using var storage = await OpenAsync();
        Assert.True(await storage.GetFreeSpaceAsync(default) > 0);
        foreach (var file in await storage.ListAsync(FileKind.Snapshot, default).ToListAsync())
            Assert.Equal(new DateTimeOffset(File.GetLastWriteTimeUtc(Path.Combine(Folder, "snapshots", file.Id.ToString()))).ToUnixTimeSeconds(), file.Written?.ToUnixTimeSeconds());
    }

    [UnixFact("sshd", "ssh-keygen", "ssh", "restic")]
    public async Task A_repository_that_restic_made_over_sftp_is_ours_as_well()
    {
        Restic("init");
        _lab.Fill(2, megabytes: 1);
        await BackupAsync();
        await using var repository = await TestRepository.OpenAsync(await OpenAsync());
        var again = await Assert.ThrowsAsync<ProdOpsException>(async () => await TestRepository.CreateAsync(await OpenAsync()));
        Assert.Equal("RepositoryExists", again.ErrorId);
        Assert.Contains("no errors were found", Restic("check", "--read-data"));
    }

    [UnixFact("sshd", "ssh-keygen", "ssh", "restic")]
    public async Task When_the_connection_dies_in_mid_pack_it_is_made_again_and_nothing_is_lost()
    {
        await using (await TestRepository.CreateAsync(await OpenAsync()))
        {
        }

        _lab.Fill(3, megabytes: 24);
        using var stop = new CancellationTokenSource();
        int killed = 0;
        var killing = Task.Run(async () =>
        {
            // Whenever bytes are on their way, the server's side of the connection dies.
            string tmp = Path.Combine(Folder, "tmp");
            while (!stop.IsCancellationRequested && killed < 4)
            {
                if (Directory.Exists(tmp) && Directory.EnumerateFiles(tmp).Any(file => new FileInfo(file).Length > 100_000) && _sshd.KillSessions() > 0) killed++;
                await Task.Delay(100);
            }
        });
        var snapshot = await BackupAsync();
        await stop.CancelAsync();
        await killing;
        Assert.Equal(BackupStatus.Complete, snapshot.Status);
        Assert.True(killed > 0, "nothing was killed");
        await PlaceLab.CheckAsync(Folder);
        _lab.AssertResticRestoresTheSource(Folder, snapshot.Id);
    }

    [FullDiskFact]
    public async Task A_full_disk_behind_it_is_told_as_that_and_costs_nothing_that_was_stored()
    {
        using var disk = SmallDisk.Mount(_sshd.Folder, megabytes: 6);
        string folder = Path.Combine(disk.Path, "repository"), address = $"sftp://{_sshd.User}@127.0.0.1:{_sshd.Port}/{folder}";
        await using (await TestRepository.CreateAsync(await OpenAsync(address: address)))
        {
        }

        _lab.Fill(4, megabytes: 1);
        var first = await _lab.BackupAsync(await OpenAsync(address: address));
        _lab.Write("large", TestRepository.RandomBytes(16_000_000, 5));
        var error = await Assert.ThrowsAsync<ProdOpsException>(async () => await _lab.BackupAsync(await OpenAsync(address: address)));
        Assert.Equal("StorageFull", error.ErrorId);
        Assert.Empty(Directory.GetFiles(Path.Combine(folder, "tmp")));
        await PlaceLab.CheckAsync(folder);
        disk.Remount("size=60m");
        var second = await _lab.BackupAsync(await OpenAsync(address: address));
        Assert.Equal((BackupStatus.Complete, first.Id), (second.Status, second.Parent));
        _lab.AssertResticRestoresTheSource(folder, second.Id);
    }

    [UnixFact("sshd", "ssh-keygen", "ssh", "restic")]
    public async Task A_missing_folder_file_or_server_is_told_as_what_it_is()
    {
        var none = await Assert.ThrowsAsync<ProdOpsException>(async () => await Repository.OpenAsync(await OpenAsync(), TestRepository.Password, TimeProvider.System, default));
        Assert.Equal("RepositoryNotFound", none.ErrorId);
        await using (await TestRepository.CreateAsync(await OpenAsync()))
        {
        }

        await using var storage = await OpenAsync();
        var missing = new FileHandle(FileKind.Pack, ObjectId.Of("x"u8));
        Assert.Null(await storage.FindAsync(missing, default));
        await storage.DeleteAsync(missing, default);
        Assert.Equal("StoredFileMissing", (await Assert.ThrowsAsync<ProdOpsException>(async () => await storage.ReadAllAsync(missing, default))).ErrorId);
        var config = new byte[100_000];
        Assert.Equal("StoredFileTruncated", (await Assert.ThrowsAsync<ProdOpsException>(async () => await storage.ReadAsync(FileHandle.Config, 0, config, default))).ErrorId);
        await File.WriteAllTextAsync(_knownHosts, "");
        using var others = new ServerShells(new ServerConnector(TimeProvider.System), TimeProvider.System);
        var unknown = await Assert.ThrowsAsync<ProdOpsException>(async () => await (await OpenAsync(others)).ExistsAsync(default));
        Assert.Equal("HostKeyUnknown", unknown.ErrorId);
    }

    [UnixFact("sshd", "ssh-keygen")]
    public async Task A_host_that_is_named_by_the_address_of_a_server_is_connected_to_as_that_server_is()
    {
        var server = new Server { Name = "backup1", Address = "127.0.0.1", Ssh = new SshOptions { User = "nobody", Port = _sshd.Port, IdentityFile = [_key], KnownHosts = [_knownHosts] } };
        await using (var storage = await OpenAsync(server)) Assert.False(await storage.ExistsAsync(default));
        // Which of two it is cannot be known: then neither's keys are sent there.
        await using var unknown = await OpenAsync(server, server with { Name = "backup2" });
        Assert.Equal("HostKeyUnknown", (await Assert.ThrowsAsync<ProdOpsException>(async () => await unknown.ExistsAsync(default))).ErrorId);

        Task<IStorage> OpenAsync(params Server[] servers)
        {
            var connector = new SftpConnector(_shells, new ProdOpsEnvironment { Name = "shop", Path = "environment.psd1", Servers = servers }, static server => new ConnectionTarget(server), SilentActivity.Instance);
            string port = servers.Length == 1 ? "" : $":{_sshd.Port}";
            return PlaceLab.OpenAsync($"sftp://{_sshd.User}@127.0.0.1{port}/{Folder}", options: new TransferOptions { ConnectSftp = connector.ConnectAsync });
        }
    }

    private async Task<IStorage> OpenAsync(ServerShells? shells = null, string? address = null)
    {
        var ssh = new SshOptions { IdentityFile = [_key], KnownHosts = [_knownHosts] };
        var connector = new SftpConnector(shells ?? _shells, environment: null, server => new ConnectionTarget(server with { Ssh = ssh with { User = server.Ssh.User, Port = server.Ssh.Port } }), SilentActivity.Instance);
        return await PlaceLab.OpenAsync(address ?? Address, options: new TransferOptions { ConnectSftp = connector.ConnectAsync });
    }

    private async Task<BackupSnapshot> BackupAsync() => await _lab.BackupAsync(await OpenAsync());

    private string Restic(params string[] arguments) => new ResticProgram($"sftp:{_sshd.User}@127.0.0.1:{Folder}").Run(
        ["-o", $"sftp.command=ssh -F none -i {_key} -o UserKnownHostsFile={_knownHosts} -p {_sshd.Port} {_sshd.User}@127.0.0.1 -s sftp", .. arguments]);
}
