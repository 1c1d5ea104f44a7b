using ProdOps.Backup.Checking;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.Storage;

namespace ProdOps.Backup.Tests.Checking;

public sealed class PackSubsetTests
{
    private static readonly List<StoredFile> Packs =
        [.. Enumerable.Range(0, 1000).Select(i => new StoredFile(ObjectId.Of([(byte)i, (byte)(i >> 8)]), 1000 + 37 * i % 5000)).OrderBy(pack => pack.Id)];

    [Fact]
    public void Parts_are_disjoint_and_together_everything()
    {
        var parts = Enumerable.Range(1, 7).Select(part => PackSubset.Parse($"{part}/7").Select(Packs, Random.Shared, null)).ToList();
        Assert.Equal(Packs, parts.SelectMany(part => part).OrderBy(pack => pack.Id));
        // restic: checker.SelectPacksByBucket, "uint(pack[0])%totalBuckets == (bucket - 1)".
        Assert.All(parts[2], pack => Assert.Equal(2, pack.Id.FirstByte % 7));
    }

    [Theory]
    [InlineData("10%", 0.10)]
    [InlineData("2.5%", 0.025)]
    [InlineData("1M", (1 << 20) / 3_400_000.0)]
    public void A_random_share_has_the_asked_bytes_and_is_the_same_for_the_same_seed(string text, double share)
    {
        var chosen = PackSubset.Parse(text).Select(Packs, new Random(5), null);
        Assert.InRange(chosen.Sum(pack => pack.Size) / (double)Packs.Sum(pack => pack.Size), share * 0.9, share * 1.3 + 0.01);
        Assert.Equal(chosen, PackSubset.Parse(text).Select(Packs, new Random(5), null));
        Assert.NotEqual(chosen, PackSubset.Parse(text).Select(Packs, new Random(6), null));
    }

    [Theory]
    [InlineData("rolling", 20)]
    [InlineData("rolling 10%", 10)]
    [InlineData("Rolling:30%", 4)]
    public void Rolling_runs_read_everything_once_and_then_the_longest_ago_first(string text, int runs)
    {
        using var folder = new TemporaryFolder();
        var subset = PackSubset.Parse(text);
        var time = DateTimeOffset.UnixEpoch;
        var order = new List<ObjectId>();
        for (int run = 1; run <= runs; run++)
        {
            var state = RollingState.Load(folder.Path, "repository", SilentActivity.Instance);
            Assert.True(state.GetCoverage(Packs) < 1);
            time = time.AddDays(1);
            foreach (var pack in subset.Select(Packs, Random.Shared, state))
            {
                state.SetTime(pack.Id, time);
                order.Add(pack.Id);
            }

            state.Save(Packs, SilentActivity.Instance);
        }

        var after = RollingState.Load(folder.Path, "repository", SilentActivity.Instance);
        Assert.Equal(1, after.GetCoverage(Packs));
        var oldest = order.Distinct().Min(after.GetTime);
        Assert.Equal(oldest, after.GetTime(subset.Select(Packs, Random.Shared, after)[0].Id));
        // Packs that were pruned are forgotten, others are new.
        after.Save(Packs.Skip(500), SilentActivity.Instance);
        Assert.InRange(RollingState.Load(folder.Path, "repository", SilentActivity.Instance).GetCoverage(Packs), 0.3, 0.7);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0/5")]
    [InlineData("6/5")]
    [InlineData("1/257")]
    [InlineData("1/2/3")]
    [InlineData("0%")]
    [InlineData("101%")]
    [InlineData("-5%")]
    [InlineData("NaN%")]
    [InlineData("5")]
    [InlineData("0K")]
    [InlineData("99999999999T")]
    [InlineData("rolling 5")]
    [InlineData("often")]
    public void What_makes_no_sense_is_refused(string text)
    {
        // A number alone is a size of so many bytes to restic, too.
        if (text == "5") Assert.Single(PackSubset.Parse(text).Select(Packs, new Random(1), null));
        else Assert.Equal("PackSubsetInvalid", Assert.Throws<ProdOpsException>(() => PackSubset.Parse(text)).ErrorId);
    }

    [Fact]
    public void A_state_that_cannot_be_written_is_a_warning()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["checks"], "a file where the folder should be");
        var activity = new RecordingActivity();
        var state = RollingState.Load(folder.Path, "repository", activity);
        state.Save(Packs, activity);
        Assert.Single(activity.Warnings);
    }

    [Fact]
    public void Hostile_state_files_are_taken_for_nothing_read()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["checks"]);
        var random = new Random(9);
        string good = $$$"""{"repository":"repository","packs":{"{{{Packs[0].Id}}}":1700000000}}""";
        for (int i = 0; i < 500; i++)
        {
            byte[] bytes = System.Text.Encoding.UTF8.GetBytes(good);
            for (int flips = random.Next(4); flips >= 0; flips--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(folder["checks/repository.json"], bytes[..random.Next(bytes.Length + 1)]);
            Assert.InRange(RollingState.Load(folder.Path, "repository", SilentActivity.Instance).GetCoverage(Packs), 0, 0.01);
        }
    }
}
