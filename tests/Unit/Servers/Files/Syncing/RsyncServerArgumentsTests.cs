using ProdOps.Servers.Files.Syncing;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Files.Syncing;

/// <summary>What a source's rsync may ask to be run on the target: what it was told to ask for.</summary>
public sealed class RsyncServerArgumentsTests
{
    private const string Plain = "prodops rsync --server -lHogtprcSe.iLsfxCIvu --log-format=%i --timeout=300 --stats . target";

    [Theory]
    // 3.2.7 and 3.5.0; 3.1 and earlier protocols have fewer letters behind the e, or none.
    [InlineData(Plain)]
    [InlineData("prodops rsync --server -lHogtprcSe.iLsfx --log-format=%i --timeout=300 --stats . target")]
    [InlineData("prodops rsync --server -lHogtprcSe31.14iLsfx --log-format=%i --timeout=300 . target")]
    [InlineData("prodops rsync --server --log-format=%i -ScrptgoHl --timeout=300 . target")]
    public void The_options_that_were_given_pass_in_any_order(string line)
    {
        var accepted = RsyncServerArguments.Accept(line.Split(' '), new SyncRun(new SyncOptions()));
        Assert.NotNull(accepted);
        Assert.Equal("--server", accepted[0]);
        Assert.Equal(line.Split(' ')[3..^2].Order(), accepted.Skip(1).Order());
    }

    [Fact]
    public void Each_option_of_ours_has_its_counterpart()
    {
        var options = new SyncOptions { Delete = true, Quick = true, Compress = true, BandwidthLimit = 512_000, Silence = TimeSpan.FromSeconds(9) };
        var run = new SyncRun(options) { DryRun = true, NameAll = true };
        string line = "prodops rsync --server -nlHogtprSze.iLsfxCIvu --log-format=%i%I --timeout=9 --bwlimit=500 --delete-delay --stats . target";
        Assert.NotNull(RsyncServerArguments.Accept(line.Split(' '), run));
        // What was asked for is asked for: without it the target would change, or keep, what it must not.
        foreach (string missing in (string[])["-nlHogtprSze.iLsfxCIvu", "--delete-delay", "--timeout=9", "--log-format=%i%I"])
            Assert.Null(RsyncServerArguments.Accept(line.Split(' ').Where(word => word != missing).ToArray(), run));
        Assert.Null(RsyncServerArguments.Accept(line.Replace("-nlH", "-lH").Split(' '), run));
    }

    [Theory]
    [InlineData("")]
    [InlineData("prodops rsync --server . target")]
    [InlineData("other rsync --server -lHogtprcSe.iLsfxCIvu --log-format=%i --timeout=300 . target")]
    [InlineData("prodops /tmp/rsync --server -lHogtprcSe.iLsfxCIvu --log-format=%i --timeout=300 . target")]
    [InlineData("prodops rsync --daemon -lHogtprcSe.iLsfxCIvu --log-format=%i --timeout=300 . target")]
    [InlineData("prodops rsync --server --sender -lHogtprcSe.iLsfxCIvu --log-format=%i --timeout=300 . target")]
    [InlineData("prodops rsync --server -lHogtprcSe.iLsfxCIvu --log-format=%i --timeout=300 . /etc")]
    [InlineData("prodops rsync --server -lHogtprcSe.iLsfxCIvu --log-format=%i --timeout=300 . target /etc")]
    [InlineData("prodops rsync --server -lHogtprcSe.iLsfxCIvu --log-format=%i --timeout=300 /etc . target")]
    [InlineData("prodops rsync --server -lHogtprcSe.iLsfxCIvu --log-format=%i --timeout=300 --delete-delay . target")]
    [InlineData("prodops rsync --server -lHogtprcSe.iLsfxCIvu --log-format=%i --timeout=300 --timeout=300 . target")]
    [InlineData("prodops rsync --server -lHogtprcSe.iLsfxCIvu --log-format=%i --timeout=0 . target")]
    [InlineData("prodops rsync --server -lHogtprcSe.iLsfxCIvu --log-format=%i --timeout=300 --log-file=/etc/cron.d/x . target")]
    [InlineData("prodops rsync --server -lHogtprcSe.iLsfxCIvu --log-format=%i --timeout=300 --temp-dir=/root . target")]
    [InlineData("prodops rsync --server -lHogtprcSDe.iLsfxCIvu --log-format=%i --timeout=300 . target")]
    [InlineData("prodops rsync --server -llHogtprcSe.iLsfxCIvu --log-format=%i --timeout=300 . target")]
    [InlineData("prodops rsync --server -slHogtprcSe.iLsfxCIvu --log-format=%i --timeout=300 . target")]
    [InlineData("prodops rsync --server -lHogtprcSe.iLs/../fx --log-format=%i --timeout=300 . target")]
    [InlineData("prodops rsync --server -lHogtprcSe.iLsfxCIvu -M--super --log-format=%i --timeout=300 . target")]
    public void Anything_else_is_refused(string line) => Assert.Null(RsyncServerArguments.Accept(line.Split(' '), new SyncRun(new SyncOptions())));

    [Fact]
    public void Whatever_passes_has_only_words_that_were_told()
    {
        var random = new Random(7);
        var run = new SyncRun(new SyncOptions { Delete = true });
        string[] seeds = [Plain + " --delete-delay", "prodops rsync --server -lHogtprcSe.iLsfxCIvu --log-format=%i --timeout=300 --delete-delay --stats . target"];
        string[] told = ["--server", "--log-format=%i", "--timeout=300", "--delete-delay", "--stats"];
        int passed = 0;
        for (int i = 0; i < ParserFuzz.Rounds; i++)
        {
            string line = i == 0 ? seeds[1] : Mutation.Of(seeds[i % 2], random);
            if (RsyncServerArguments.Accept(line.Split(' '), run) is not { } accepted) continue;
            passed++;
            string letters = Assert.Single(accepted, word => !told.Contains(word));
            Assert.Matches("^-[lHogtprcS]{9}(e[0-9]{0,3}\\.[0-9A-Za-z]{0,40})?$", letters);
            Assert.Equal("HScgloprt", string.Concat(letters.Split('e')[0].Skip(1).Order()));
        }

        Assert.True(passed > 0);
    }
}
