using System.Collections.Concurrent;
using System.Text;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Tests.FileSystem;

public sealed class JournalFileTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-journals-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Work_of_one_name_that_begins_in_one_second_has_journals_of_its_own()
    {
        const int Workers = 8, Rounds = 25;
        var names = new ConcurrentBag<string>();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Factory.StartNew(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                using var journal = JournalFile.Create(_folder, "web1", Now, Encoding.UTF8.GetBytes);
                names.Add(journal.Name);
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        Assert.Equal(Workers * Rounds, names.Distinct(StringComparer.Ordinal).Count());
        Assert.All(names, name => Assert.Equal([name], JournalFile.Read(_folder, name)));
    }

    [Fact]
    public void A_journal_whose_beginning_cannot_be_written_is_none()
    {
        Assert.Throws<InvalidOperationException>(() => JournalFile.Create(_folder, "web1", Now, _ => throw new InvalidOperationException()));
        Assert.Empty(JournalFile.List(_folder));
    }
}
