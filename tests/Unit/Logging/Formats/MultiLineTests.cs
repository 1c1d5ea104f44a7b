using System.Text;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Files;
using ProdOps.Logging.Formats;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Store;
using ProdOps.Logging.Tests.Store;

namespace ProdOps.Logging.Tests.Formats;

/// <summary>Rules of a source for which lines begin an entry.</summary>
public sealed class MultiLineTests : IDisposable
{
    private const string Rule = @"^\d{4}-\d\d-\d\d ";

    // Nothing about these lines but the rule says that they belong together.
    private const string Dump =
        "2026-11-23 10:00:00 ERROR queue is stuck\nBEGIN DUMP\nworker: 7\n\nEND DUMP\r\n2026-11-23 10:00:01 INFO queue goes on\n2026-11-23 10:00:02 WARN slow\nworker: 8\n";

    private readonly StoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("Auto", 7)]
    [InlineData("None", 8)]
    [InlineData(null, 7)]
    [InlineData(Rule, 3)]
    public async Task Entries_of_a_store_begin_where_the_rule_says_whoever_reads_it(string? rule, int entries)
    {
        await AppendAsync(Dump, rule);
        _fixture.Reopen();
        Assert.Equal(entries, await _fixture.CountAsync(new LogQuery()));
        if (rule != Rule) return;
        var found = Assert.Single(await _fixture.SearchAsync(new LogQuery { Patterns = ["worker: 7"] }));
        Assert.Equal(Dump[..Dump.IndexOf("\r\n2026", StringComparison.Ordinal)], found.Raw.TrimEnd('\r'));
        Assert.Equal(LogLevel.Error, found.Level);
        Assert.Equal(new DateTime(2026, 11, 23, 10, 0, 0), found.Time.DateTime);
        Assert.Equal(1, await _fixture.CountAsync(new LogQuery { Patterns = ["worker"], Not = true }));
        var (packed, _) = await new StoreUpkeep(_fixture.Store, _fixture.Activity).PackAsync(TimeSpan.MaxValue, includeNewest: true, default);
        Assert.Equal(1, packed);
        Assert.Equal(entries, await _fixture.CountAsync(new LogQuery()));
    }

    [Fact]
    public async Task Another_rule_begins_another_segment_and_the_same_does_not()
    {
        await AppendAsync(Dump, Rule);
        await AppendAsync(Dump, Rule);
        await AppendAsync(Dump, Rule, format: "PLAIN");
        Assert.Single(_fixture.SegmentFiles("web1", "app"));
        await AppendAsync(Dump, "none");
        await AppendAsync(Dump, "None");
        Assert.Equal(2, _fixture.SegmentFiles("web1", "app").Count);
        await AppendAsync(Dump, "Auto");
        Assert.Equal(3, _fixture.SegmentFiles("web1", "app").Count);
        Assert.Equal((3 * 3) + (2 * 8) + 7, await _fixture.CountAsync(new LogQuery()));
    }

    [Fact]
    public async Task Files_are_searched_by_a_rule_and_brought_in_by_it()
    {
        string path = Path.Combine(_fixture.Folder, "app.log");
        // Entries that are longer than what is read at once are cut, and what follows them is right again.
        File.WriteAllText(path, Dump + string.Concat(Enumerable.Range(0, 200_000).Select(i => $"line {i}\n")) + Dump);
        var files = new List<LogEntry>();
        var search = new FileSearch(FormatCatalog.BuiltIn, _fixture.Activity) { MultiLine = Rule };
        await foreach (var batch in search.SearchAsync(RotatedSet.Group([path]), new LogQuery { Patterns = ["worker: 7"] }, default)) files.AddRange(batch);
        Assert.Equal(2, files.Count);
        Assert.All(files, entry => Assert.StartsWith("2026-11-23 10:00:00 ERROR", entry.Raw, StringComparison.Ordinal));

        await new LogImporter(_fixture.Store, TimeProvider.System, _fixture.Activity) { MultiLine = Rule }.ImportAsync(RotatedSet.Group([path])[0], new LogStream("web1", "app"), static _ => { }, default);
        Assert.Equal(2, await _fixture.CountAsync(new LogQuery { Patterns = ["worker: 7"] }));
    }

    [Fact]
    public void A_rule_is_part_of_a_formats_name_and_a_catalogue_has_one_object_for_it()
    {
        string name = MultiLineFormat.NameOf("json", Rule);
        Assert.Same(FormatCatalog.BuiltIn.Find(name), FormatCatalog.BuiltIn.Get(name));
        Assert.Equal(name, FormatCatalog.BuiltIn.Find(name).Name);
        Assert.Equal("json", MultiLineFormat.NameOf(name, "auto"));
        Assert.Equal("plain", FormatCatalog.BuiltIn.Find("nothing begins ^a").Name);
        // What cannot be compiled in what was stored is read without it.
        Assert.Equal("json", FormatCatalog.BuiltIn.Find("json begins (").Name);
        Assert.Equal("RegexInvalid", Assert.Throws<ProdOpsException>(() => MultiLineFormat.Check("(")).ErrorId);
    }

    private Task AppendAsync(string lines, string? rule, string? format = null) =>
        _fixture.Store.AppendAsync(new LogBatch(new LogStream("web1", "app"), Encoding.UTF8.GetBytes(lines)) { ReceivedTime = StoreFixture.Now, MultiLine = rule, Format = format }, default);
}
