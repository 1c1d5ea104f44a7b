using ProdOps.Logging.Collecting.Files;
using ProdOps.Logging.Collecting.Rotation;

namespace ProdOps.Logging.Tests.Collecting;

public sealed class RotatedNameTests
{
    [Theory]
    [InlineData("/v/x.log", "")]
    [InlineData("/v/x.log.1", "/v/x.log #1")]
    [InlineData("/v/x.log.12.gz", "/v/x.log.12; /v/x.log #12")]
    [InlineData("/v/x.log-20261126", "/v/x.log @20261126")]
    [InlineData("/v/x-2026-11-26.log.zst", "/v/x-2026-11-26.log; /v/x.log @20261126")]
    [InlineData("/v/x.log.old", "/v/x.log #1")]
    [InlineData("/v/x.log-2026112611.backup", "/v/x.log !")]
    [InlineData("/v/x.log.1-2026112611.backup", "/v/x.log.1 !; /v/x.log #1!")]
    [InlineData("/v/x.log.1.gz-2026112611.backup", "/v/x.log.1 !; /v/x.log #1!")]
    [InlineData("/v/x.log-20261126.xz-2026112611.backup", "/v/x.log-20261126 !; /v/x.log @20261126!")]
    [InlineData("/v/x.log.backup", "")]
    [InlineData("/v/x.log-20261126.backup", "/v/x.log.backup @20261126")]
    [InlineData("/v/x.log-202611261x.backup", "")]
    [InlineData("-2026112611.backup", "")]
    public void A_name_tells_what_log_it_was(string path, string expected) => Assert.Equal(expected, string.Join("; ", RotatedName.ReadingsOf(path).Select(Text)));

    [Theory]
    [InlineData("/v/x.log-2026112611.backup", "/v/x.log-2026112611.backup", "None")]
    [InlineData("/v/x.log.1.gz-2026112611.backup", "/v/x.log.1-2026112611.backup", "Gzip")]
    [InlineData("/v/x.log.zst", "/v/x.log", "Zstd")]
    public void What_was_put_aside_is_packed_as_its_name_before_says(string path, string plain, string packing) =>
        Assert.Equal((plain, packing), (RotatedName.Unpacked(path).Path, RotatedName.Unpacked(path).Packing.ToString()));

    [Theory]
    [InlineData("/v/x.log", "/v/x.log-2026112611.backup", true)]
    [InlineData("/v/x.log", "/v/x.log.1.gz-2026112611.backup", true)]
    [InlineData("/v/*.log", "/v/y.log-20261126.gz-2026112611.backup", true)]
    [InlineData("/v/x.log", "/v/xy.log-2026112611.backup", false)]
    public void What_was_put_aside_belongs_to_its_log_and_is_looked_for(string pattern, string path, bool belongs)
    {
        var patterns = new FilePatterns([pattern], []);
        Assert.Equal(belongs, patterns.Matches(path));
        Assert.Equal(belongs, patterns.ToProbe.Any(probe => GlobPattern.IsMatch(probe, path)));
        Assert.False(patterns.IsLog(path));
    }

    private static string Text(RotatedName name) => $"{name.BasePath} {(name.Number is { } number ? $"#{number}" : "")}{(name.Stamp is { } stamp ? $"@{stamp}" : "")}{(name.IsBackup ? "!" : "")}".TrimEnd();
}
