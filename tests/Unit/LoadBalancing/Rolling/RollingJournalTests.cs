using Microsoft.Extensions.Time.Testing;
using ProdOps.Backup.Tests.Storage;
using ProdOps.LoadBalancing.Rolling;

namespace ProdOps.LoadBalancing.Tests.Rolling;

/// <summary>What a rolling update has done is on disk for its owner, and a torn or damaged journal is told from a whole one.</summary>
public sealed class RollingJournalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_journal_is_its_owners_and_one_process_has_it()
    {
        using var journal = RollingJournal.Create(_folder["j"], Header([["web1"]], new RollingOptions()), _time);
        string path = Assert.Single(Directory.GetFiles(_folder["j"]));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder["j"]));
        }

        Assert.Equal("RollingUpdateBusy", Assert.Throws<ProdOpsException>(() => RollingJournal.Open(_folder["j"], journal.Header.Update, _time)).ErrorId);
        using var second = RollingJournal.Create(_folder["j"], Header([["web1"]], new RollingOptions()), _time);
        Assert.Equal(journal.Header.Update + "-2", second.Header.Update);
        foreach (string name in new[] { "", "..", "../j/" + journal.Header.Update, "web-none" }) Assert.Equal("RollingUpdateNotFound", Assert.Throws<ProdOpsException>(() => RollingJournal.Open(_folder["j"], name, _time)).ErrorId);
        using var odd = RollingJournal.Create(_folder["j"], Header([["web1"]], new RollingOptions()) with { LoadBalancer = "../../etc/x y" }, _time);
        Assert.StartsWith("etc-x-y-", odd.Header.Update.TrimStart('.', '-'), StringComparison.Ordinal);
        Assert.Equal(3, RollingJournal.List(_folder["j"]).Count);
    }

    [Fact]
    public void A_journal_that_was_cut_off_is_read_up_to_its_last_whole_line_and_a_damaged_one_is_refused()
    {
        string update;
        using (var journal = RollingJournal.Create(_folder["j"], Header([["web1"]], new RollingOptions()), _time))
        {
            update = journal.Header.Update;
            journal.Add(new RollingRecord { Server = "web1", Phase = RollingUpdatePhase.Drain, Mark = RollingMark.Begun, Before = BackendServerState.Up });
            journal.Add(new RollingRecord { Server = "web1", Phase = RollingUpdatePhase.Drain, Mark = RollingMark.Done, Error = "ü\n" });
        }

        string path = Assert.Single(Directory.GetFiles(_folder["j"])), text = File.ReadAllText(path);
        int second = text.IndexOf('\n', text.IndexOf('\n') + 1) + 1;
        for (int length = second; length < text.Length; length++)
        {
            File.WriteAllText(path, text[..length]);
            using (var cut = RollingJournal.Open(_folder["j"], update, _time))
            {
                Assert.Single(cut.Records);
                cut.Add(new RollingRecord { Server = "web1", Phase = RollingUpdatePhase.Update, Mark = RollingMark.Begun });
            }

            using var again = RollingJournal.Open(_folder["j"], update, _time);
            Assert.Equal([RollingUpdatePhase.Drain, RollingUpdatePhase.Update], again.Records.Select(record => record.Phase));
        }

        foreach (string damaged in new[] { "", "x\n", "{}\n", text.Replace("\"version\":1", "\"version\":2"), text.Replace(update, "other"), text + "{\"phase\":\"Nonsense\"}\n", text + "\u0001\n" })
        {
            File.WriteAllText(path, damaged);
            Assert.Equal("RollingUpdateJournalDamaged", Assert.Throws<ProdOpsException>(() => RollingJournal.Open(_folder["j"], update, _time)).ErrorId);
        }
    }

    private static RollingHeader Header(IReadOnlyList<IReadOnlyList<string>> batches, RollingOptions options) => new() { Update = "", LoadBalancer = "web", Batches = batches, Options = options };
}
