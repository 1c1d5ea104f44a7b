using System.Text;
using Microsoft.Extensions.Time.Testing;
using ProdOps.Servers.Evidence;
using ProdOps.Servers.Secrets;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Evidence;

public sealed class EvidenceLogTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 4, 0, 0, TimeSpan.Zero);

    private readonly string _root = Directory.CreateTempSubdirectory("prodops-evidence-").FullName;

    private string Folder => Path.Combine(_root, "evidence");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task What_was_proved_is_read_as_it_was_noted_and_damaged_lines_are_passed_over()
    {
        var log = Log();
        Assert.Empty(log.Read());
        await log.AddAsync(Now, "shop", Sent("mail"), default);
        File.AppendAllText(log.Path, "{ \"time\": \n\0\n[]\nnull\n{}\n{\"time\":\"2026-11-27T04:00:00Z\",\"environment\":null,\"by\":\"x\",\"what\":{\"channel\":\"a\"}}\n{\"time\":\"2026-11-27T04:00:00Z\",\"environment\":\"e\",\"by\":\"x\",\"what\":{\"channel\":null}}\n");
        await log.AddAsync(Now.AddHours(1), "", Sent("pager") with { Delivered = false, Error = "refused" }, default);
        var read = log.Read();
        Assert.Equal([(Now, "shop", "mail", true), (Now.AddHours(1), "", "pager", false)], read.Select(proof => (proof.Time, proof.Environment, proof.What.Channel, proof.What.Delivered)));
        Assert.All(read, proof => Assert.Equal($"{Environment.UserName}@{Environment.MachineName}", proof.By));
    }

    [Fact]
    public async Task A_line_that_was_not_written_to_its_end_takes_no_other_with_it()
    {
        var log = Log();
        await log.AddAsync(Now, "shop", Sent("mail"), default);
        File.AppendAllText(log.Path, "{\"time\":\"2026-11-27T0");
        await log.AddAsync(Now, "shop", Sent("pager"), default);
        Assert.Equal(["mail", "pager"], log.Read().Select(proof => proof.What.Channel));
    }

    [Fact]
    public async Task Two_files_are_kept_and_neither_grows_past_its_capacity()
    {
        var log = Log(capacity: 1024);
        for (int i = 0; i < 16; i++) await log.AddAsync(Now.AddMinutes(i), "shop", Sent($"channel{i:00}") with { Error = new string('x', 100) }, default);
        Assert.All(Directory.GetFiles(Folder), file => Assert.InRange(new FileInfo(file).Length, 0, 1024));
        Assert.Equal(2, Directory.GetFiles(Folder, "*.jsonl*").Length);
        var read = log.Read();
        Assert.InRange(read.Count, 3, 8);
        Assert.Equal(Enumerable.Range(16 - read.Count, read.Count).Select(i => $"channel{i:00}"), read.Select(proof => proof.What.Channel));
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => Log(capacity: 100).AddAsync(Now, "shop", Sent("mail"), default));
        Assert.Equal("EvidenceNotKept", error.ErrorId);
    }

    [Fact]
    public async Task Several_at_once_lose_no_line()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (int i = 0; i < 5; i++) await Log(time: TimeProvider.System).AddAsync(Now, "shop", Sent($"{writer}-{i}"), default);
        })));
        Assert.Equal(20, Log().Read().Select(proof => proof.What.Channel).Distinct().Count());
    }

    [Fact]
    public async Task Texts_of_servers_are_harmless_bounded_and_without_secrets()
    {
        SecretRedactor.Shared.Learn("correct-horse-9731"u8);
        var log = Log();
        await log.AddAsync(Now, "shop", Sent("mail\u001b[2J\r\n\ud800") with { Error = "login with 'correct-horse-9731' failed " + new string('é', 100_000) }, default);
        byte[] written = File.ReadAllBytes(log.Path);
        Assert.All(written[..^1], letter => Assert.InRange(letter, (byte)' ', (byte)'~'));
        Assert.DoesNotContain("correct-horse", Encoding.ASCII.GetString(written));
        var read = Assert.Single(log.Read()).What;
        Assert.StartsWith("mail\u001b[2J\r\n", read.Channel);
        Assert.StartsWith("login with '***' failed", read.Error);
        Assert.InRange(read.Error.Length, 2000, 2001);
    }

    [UnixFact]
    public async Task Only_its_user_can_read_it()
    {
        if (OperatingSystem.IsWindows()) return;
        var log = Log(capacity: 1024);
        for (int i = 0; i < 8; i++) await log.AddAsync(Now, "shop", Sent("mail") with { Error = new string('x', 100) }, default);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        string[] files = Directory.GetFiles(Folder, "*.jsonl*");
        Assert.Equal(2, files.Length);
        foreach (string file in files) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task What_cannot_be_written_or_read_is_told_by_name()
    {
        File.WriteAllText(Folder, "a file where the folder should be");
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => Log().AddAsync(Now, "shop", Sent("mail"), default));
        Assert.Equal("EvidenceNotKept", error.ErrorId);
        File.Delete(Folder);
        Directory.CreateDirectory(Log().Path);
        Assert.Empty(Log().Read());
        error = await Assert.ThrowsAsync<ProdOpsException>(() => Log().AddAsync(Now, "shop", Sent("mail"), default));
        Assert.Equal("EvidenceNotKept", error.ErrorId);
    }

    [Fact]
    public void Any_line_is_read_or_passed_over()
    {
        string[] seeds =
        [
            """{"time":"2026-11-27T04:00:00+00:00","environment":"shop","by":"a@b","what":{"loadBalancer":"web","time":"2026-11-27T04:00:00+00:00","findings":[{"loadBalancer":"web","item":"clock","status":"passed","message":"x"}]}}""",
            """{"time":"2026-11-27T04:00:00+00:00","environment":"shop","by":"a@b","what":{"loadBalancer":"web","findings":null}}""",
            """{"time":"0001-01-01T00:00:00+14:00","environment":"","by":"","what":{"loadBalancer":"","findings":[{},[]]}}""",
        ];
        ParserFuzz.Run("line of evidence", text => EvidenceJson.TryRead<LoadBalancerReadiness>(Encoding.UTF8.GetBytes(text)), seeds);
        ParserFuzz.Run("line of evidence", text => EvidenceJson.TryRead<LoadTestResult>(Encoding.UTF8.GetBytes(text)), [.. seeds, """{"time":"2026-11-27T04:00:00+00:00","environment":"shop","by":"a@b","what":{"target":"http://x/","rate":1e999,"median":"10675199.02:48:05.5","servers":[null]}}"""]);
    }

    private EvidenceLog<NotificationEvidence> Log(int? capacity = null, TimeProvider? time = null)
    {
        time ??= new FakeTimeProvider(Now);
        return capacity is { } bytes ? new EvidenceLog<NotificationEvidence>(Folder, "sent", time, bytes) : new EvidenceLog<NotificationEvidence>(Folder, "sent", time);
    }

    private static NotificationEvidence Sent(string channel) => new() { Channel = channel, Delivered = true, Time = Now };
}
