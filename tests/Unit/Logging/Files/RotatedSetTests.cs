using ProdOps.Logging.Files;

namespace ProdOps.Logging.Tests.Files;

public sealed class RotatedSetTests
{
    [Theory]
    [InlineData("syslog syslog.1 syslog.10.gz syslog.2.gz", "syslog: syslog.10.gz syslog.2.gz syslog.1 syslog")]
    [InlineData("a.log-20261126 a.log-20261125.gz a.log", "a.log: a.log-20261125.gz a.log-20261126 a.log")]
    [InlineData("a-20261126.log a-20261125.log.zst", "a.log: a-20261125.log.zst a-20261126.log")]
    [InlineData("a.log a.log-1764154800 a.log-1764158400.gz", "a.log: a.log-1764154800 a.log-1764158400.gz a.log")]
    [InlineData("a.log a.1.log a.2.log", "a.log: a.2.log a.1.log a.log")]
    [InlineData("a.log a.log.old", "a.log: a.log.old a.log")]
    [InlineData("worker-1.log worker-2.log", "worker-1.log: worker-1.log; worker-2.log: worker-2.log")]
    [InlineData("dump.1.sql dump.2.sql app-2.10.txt", "dump.1.sql: dump.1.sql; dump.2.sql: dump.2.sql; app-2.10.txt: app-2.10.txt")]
    [InlineData("a.log a.log.gz", "a.log: a.log.gz a.log")]
    [InlineData("a.log.1.gz", "a.log: a.log.1.gz")]
    public void Files_of_one_log_are_put_together_and_in_order(string files, string expected) => Assert.Equal(expected, Grouped(files.Split(' '), static _ => default));

    [Fact]
    public void What_logrotate_put_aside_stands_where_its_time_says()
    {
        string[] byTime = ["a.log.2.gz", "a.log.1.gz-2026112610.backup", "a.log.1", "a.log-2026112611.backup", "a.log"];
        Assert.Equal("a.log: " + string.Join(' ', byTime), Grouped([.. byTime.Order(StringComparer.Ordinal)], path => new DateTime(2026, 11, 26).AddHours(Array.IndexOf(byTime, path))));
    }

    private static string Grouped(string[] paths, Func<string, DateTime> modifiedOf) => string.Join("; ", RotatedSet.Group(paths, modifiedOf).Select(set => $"{set.Base}: {string.Join(' ', set.Files)}"));
}
