using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Plans;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Recovery.Tests.Execution;

/// <summary>What can be known before the first change, of repositories that restic has made.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class PreflightTests
{
    private const string Steps = "@{ Name = 'pages'; AsRoot = $false; Restore = 'www'; Paths = '{0}/www'; To = '{0}/new' }";

    [UnixFact]
    public async Task A_snapshot_that_lacks_a_pack_is_found_out_before_anything_is_changed()
    {
        if (!Tool.IsInstalled("restic")) return;
        using var fixture = await StartAsync();
        Assert.Empty(await ProblemsAsync(fixture));
        // Packs with content are larger than those with listings; each has some bytes cut off, and then is gone.
        string pack = new DirectoryInfo(fixture["local/data"]).GetFiles("*", SearchOption.AllDirectories).MaxBy(file => file.Length)!.FullName;
        File.SetUnixFileMode(pack, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        byte[] whole = await File.ReadAllBytesAsync(pack);
        await File.WriteAllBytesAsync(pack, whole[..(whole.Length / 2)]);
        Assert.Matches("^pages: Snapshot [0-9a-f]{8} of the set 'www' is not whole: .*/www/.*: a pack with its content is not there", Assert.Single(await ProblemsAsync(fixture)));
        File.Delete(pack);
        Assert.Contains("is not whole", Assert.Single(await ProblemsAsync(fixture)), StringComparison.Ordinal);
        Assert.Contains("Backup Failed", await ChecksAsync(fixture), StringComparison.Ordinal);
        Assert.False(Directory.Exists(fixture["new"]));
        await File.WriteAllBytesAsync(pack, whole);
        Assert.Empty(await ProblemsAsync(fixture));
        Assert.Contains("Backup Passed", await ChecksAsync(fixture), StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task A_repository_that_is_lost_is_replaced_by_its_copy_for_as_long()
    {
        if (!Tool.IsInstalled("restic")) return;
        using var fixture = await StartAsync();
        Restic(fixture, "offsite", "copy", "--from-repo", fixture["local"], "--from-password-file", fixture["key"]);
        Directory.Move(fixture["local"], fixture["gone"]);
        Assert.Empty(await ProblemsAsync(fixture));
        Assert.True(await fixture.RunAsync(), string.Join('\n', fixture.Failures.Select(error => error.Message)));
        Assert.Equal("pages", await File.ReadAllTextAsync(fixture["new"] + fixture["www/index.html"]));
        Directory.Move(fixture["offsite"], fixture["gone too"]);
        Assert.Single(await ProblemsAsync(fixture));
    }

    [UnixFact]
    public async Task Data_comes_from_before_the_moment_that_is_named()
    {
        if (!Tool.IsInstalled("restic")) return;
        using var fixture = await StartAsync();
        await File.WriteAllTextAsync(fixture["www/index.html"], "defaced");
        Restic(fixture, "local", "backup", "--tag", "set:www", "--tag", "server:web1", "--time", "2026-11-27 12:00:00", fixture["www"]);
        Assert.True(await fixture.RunAsync());
        Assert.Equal("defaced", await File.ReadAllTextAsync(fixture["new"] + fixture["www/index.html"]));
        fixture.Before = new DateTimeOffset(new DateTime(2026, 11, 27, 12, 0, 0, DateTimeKind.Local));
        Assert.Empty(await ProblemsAsync(fixture));
        Assert.True(await fixture.RunAsync());
        Assert.Equal("pages", await File.ReadAllTextAsync(fixture["new"] + fixture["www/index.html"]));
        // A step that names an earlier moment keeps to it: there is nothing from before.
        fixture.Write(Steps.Replace("To =", "Before = '2020-01-01T00:00:00Z'; To =", StringComparison.Ordinal));
        Assert.Single(await ProblemsAsync(fixture));
    }

    [UnixFact]
    public async Task What_is_restored_onto_a_file_system_that_a_step_mounts_needs_no_room_beside_it()
    {
        if (!Tool.IsInstalled("restic")) return;
        using var fixture = await StartAsync();
        fixture.Access = new TestAccess(fixture.Folder) { Repositories = fixture.Access.Repositories, Prelude = @"df() { printf 'Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda1 1000 900 100 90%% /\n'; }" };
        Assert.Contains("are restored there", Assert.Single(await ProblemsAsync(fixture)), StringComparison.Ordinal);
        fixture.Write($"@{{ Name = 'disk'; Manual = 'Attach it.'; Verify = '{MountPoints.IsThere(fixture["new"])}' }}\n{Steps}");
        Assert.Empty(await ProblemsAsync(fixture));
    }

    [Fact]
    public void What_does_not_fit_is_told_by_the_file_system_that_it_goes_to()
    {
        var room = TargetRoom.Parse(
        [
            "Filesystem     1024-blocks     Used Available Capacity Mounted on",
            "/dev/vda1         10000000  9000000       100     91% /",
            "/dev/vdb1         10000000        0     10000      1% /srv",
            "//nas/all your files  10  0 20 0% /mnt/my disk",
            "overlay - - - - /odd",
        ]);
        Assert.Equal([("/", 102_401L, 102_400L), ("/srv", 10_240_001L, 10_240_000L)], room.Lacking([("/srv/a", 10_240_000), ("/srv/b/c", 1), ("/srvb", 100_000), ("/odd/a", 2401), ("/mnt/my disk/a", 20_480)]));
        Assert.Empty(room.Lacking([("/srv", 10_240_000), ("/", 102_400)]));
        // What will be mounted has room of its own; what is mounted already has the room that it has.
        Assert.Equal([("/srv", 10_240_001L, 10_240_000L)], room.Lacking([("/srv/a", 10_240_001), ("/data/a/b", 1L << 40)], folder => folder is "/srv" or "/data"));
        Assert.Empty(TargetRoom.Parse(["df: none"]).Lacking([("/", long.MaxValue)]));
        ParserFuzz.Run("df", text => TargetRoom.Parse(text.Split('\n')).Lacking([("/srv/a", 5)]).ToArray(), ["Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda1 10 9 1 91% /\n/dev/vdb1 10 0 10 1% /srv\n"]);
    }

    private static async Task<IReadOnlyList<string>> ProblemsAsync(ExecutionFixture fixture)
    {
        var steps = fixture.Steps();
        return await new Preflight(fixture.Plan, steps[0].Server, steps, fixture.Environment, fixture.Access, SilentActivity.Instance, TimeProvider.System).RunAsync(default);
    }

    private static async Task<string> ChecksAsync(ExecutionFixture fixture)
    {
        var text = new System.Text.StringBuilder();
        var reading = PlanReader.Read(PlanFiles.PathOf(fixture.Environment, "web1"), fixture.Environment);
        await foreach (var check in new PlanChecklist(reading, fixture.Environment, [], fixture.Access, SilentActivity.Instance, TimeProvider.System).RunAsync(default)) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{check.Check} {check.Status} {check.Message}\n");
        return text.ToString();
    }

    private static async Task<ExecutionFixture> StartAsync()
    {
        var fixture = new ExecutionFixture("@{ Name = 'x'; Verify = 'true' }");
        fixture.Environment = fixture.Environment with
        {
            Repositories = [new() { Name = "local", Path = fixture["local"] }, new() { Name = "offsite", Path = fixture["offsite"] }],
            Backups = [new() { Name = "www", Server = ["web1"], Path = [fixture["www"]], Repository = "local", CopyTo = ["offsite"] }],
        };
        // What is opened is opened anew, as by another command.
        fixture.Access = new TestAccess(fixture.Folder) { Repositories = name => Repository.OpenAsync(new LocalStorage(fixture[name], TimeProvider.System), "geheim"u8.ToArray(), TimeProvider.System, default) };
        fixture.Write(Steps);
        await File.WriteAllTextAsync(fixture["key"], "geheim");
        Directory.CreateDirectory(fixture["www"]);
        await File.WriteAllTextAsync(fixture["www/index.html"], "pages");
        byte[] picture = new byte[200_000];
        new Random(1).NextBytes(picture);
        await File.WriteAllBytesAsync(fixture["www/picture"], picture);
        foreach (string name in (string[])["local", "offsite"]) Restic(fixture, name, "init");
        Restic(fixture, "local", "backup", "--tag", "set:www", "--tag", "server:web1", "--time", "2026-11-27 03:00:00", fixture["www"]);
        return fixture;
    }

    private static void Restic(ExecutionFixture fixture, string repository, params string[] arguments)
    {
        var result = Tool.Run("restic", ["--repo", fixture[repository], "--password-file", fixture["key"], "--no-cache", .. arguments], null);
        Assert.True(result.ExitCode == 0, result.Error);
    }
}
