using System.Text.RegularExpressions;

namespace ProdOps.Lab.Tests.Logging;

/// <summary>Real servers write while the real logrotate rotates their logs the way Debian's packages say, and all of it is collected.</summary>
[Collection(LabCollection.Name)]
public sealed partial class RotationTests(Fleet fleet)
{
    private static readonly string[] Copied = ["nginx-access", "nginx-error", "haproxy", "syslog"];

    [LabFact]
    public async Task Every_line_of_three_servers_is_stored_once_and_in_order_however_their_logs_are_rotated()
    {
        var hosts = await fleet.UpAsync("web1", "web2", "db1");
        await using WebServer web1 = new(hosts[0]), web2 = new(hosts[1]);
        await using var database = new DatabaseServer(hosts[2]);
        using var admin = new Admin(hosts);
        await admin.KeepLogsAsync();
        await Task.WhenAll(web1.StartAsync(), web2.StartAsync(), database.StartAsync());
        Task RotateAsync() => Task.WhenAll(web1.RotateAsync(), web2.RotateAsync(), database.RotateAsync());

        var found = await admin.RunAsync("Get-LogSource -Server web2, db1 | Where-Object Behind -gt 0 | ForEach-Object { \"$($_.Server) $($_.Name) $($_.Format)\" }");
        Assert.Superset(new HashSet<string>(["db1 postgresql-15-main postgresql", "web2 haproxy haproxy-http", "web2 nginx-access nginx-access", "web2 nginx-error nginx-error", "web2 syslog syslog"]), found.Sorted.ToHashSet());

        await SyncAsync(admin);
        await RotateAsync();
        await SyncAsync(admin);
        // Twice between two rounds, the first of which packs what was not collected.
        await RotateAsync();
        await RotateAsync();
        await SyncAsync(admin);
        // While they are rotated.
        var running = admin.Start("Sync-Log");
        await RotateAsync();
        Check(await running.EndAsync());
        // What is watched is kept as well.
        running = admin.Start("Watch-Log -Server web1 -Source nginx-access -First 200 -For 1m -Raw");
        await RotateAsync();
        var watched = (await running.EndAsync()).Clean.Select(line => line.ToString()).ToArray();
        await Task.WhenAll(web1.EndAsync(), web2.EndAsync(), database.EndAsync());
        await SyncAsync(admin);

        foreach (var web in (WebServer[])[web1, web2])
        {
            string server = web.Host.Name;
            foreach (string source in Copied)
            {
                string[] written = await web.WrittenAsync(source), kept = await admin.KeptAsync(server, source);
                AssertSame(written, kept, $"{server}/{source}");
            }

            var answers = await web.AnswersAsync();
            var logged = (await admin.KeptAsync(server, "nginx-access")).Select(line => Request().Match(line)).Select(match => (match.Groups["status"].Value, match.Groups["path"].Value));
            Assert.Equal(answers, logged);
            int refused = answers.Count(answer => answer.Status == "404");
            string balanced = (await web.WrittenAsync("haproxy")).Count(line => line.Contains("\"GET /missing/", StringComparison.Ordinal)).ToString(null as IFormatProvider);
            Assert.Equal(
                [$"{refused}", $"{refused}", $"{refused}", balanced, "True"],
                (await admin.RunAsync($$"""
                    $s = @{ Server = '{{server}}' }
                    Search-Log @s -Source nginx-access -Where { $_.Status -eq 404 -and $_.Path -like '/missing/*' } -Count
                    Search-Log @s -Source nginx-access -Level Warning -Count
                    Search-Log @s -Source nginx-error -Where { $_.Path -like '/missing/*' } -Level Error -Count
                    Search-Log @s -Source haproxy -Where { $_.Status -eq 404 -and $_.Backend -eq 'items' -and $_.BackendServer -eq 'nginx' } -Count
                    (Search-Log @s -Source syslog -Where { $_.Program -eq 'shop' } -Count) -eq (Search-Log @s -Source syslog ' shop: ' -Count)
                    """)).Clean.Select(value => value.ToString()));
        }

        Assert.Equal(200, watched.Length);
        Assert.Equal(watched, (await admin.KeptAsync("web1", "nginx-access")).SkipWhile(line => line != watched[0]).Take(200));

        string[] statements = await database.AnswersAsync();
        Assert.Equal(statements, (await admin.KeptAsync("db1", "postgresql-15-main")).Select(line => Order().Match(line)).Where(match => match.Success).Select(match => match.Value));
        Assert.Equal(
            [$"{statements.Length}", $"{statements.Length / 3}", "SELECT 1/0;"],
            (await admin.RunAsync("""
                $s = @{ Source = 'postgresql-15-main' }
                Search-Log @s 'order ' -Level Informational -Count
                Search-Log @s -Level Error -Where { $_.Severity -eq 'ERROR' } -Count
                (Search-Log @s -Where { $_.Severity -eq 'STATEMENT' } -Newest 1).Message
                """)).Clean.Select(value => value.ToString()));
    }

    private static async Task SyncAsync(Admin admin) => Check(await admin.RunAsync("Sync-Log"));

    private static void Check(Answer answer)
    {
        Assert.All(answer.Clean, result => Assert.Equal("0", result.Properties["Gaps"].Value.ToString()));
        Assert.DoesNotContain("are gone", answer.Said, StringComparison.Ordinal);
    }

    private static void AssertSame(string[] written, string[] kept, string what)
    {
        int same = written.Zip(kept).TakeWhile(pair => pair.First == pair.Second).Count();
        Assert.True(
            same == written.Length && same == kept.Length,
            $"{what}: {written.Length} lines were written and {kept.Length} kept; the first {same} are the same. Written then:\n{string.Join('\n', written.Skip(same).Take(3))}\nKept:\n{string.Join('\n', kept.Skip(same).Take(3))}");
    }

    [GeneratedRegex("\"GET (?<path>\\S+) HTTP/1.1\" (?<status>\\d+) ")]
    private static partial Regex Request();

    [GeneratedRegex(@"order \d+-\d+")]
    private static partial Regex Order();
}
