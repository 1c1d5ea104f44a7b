using System.Text;
using ProdOps.LoadBalancing.Readiness;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.LoadBalancing.Tests.Readiness;

/// <summary>Whether servers can take each other's place, by what they answer.</summary>
public sealed class ReadinessJudgeTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 0, 0, 0, TimeSpan.Zero);
    private static readonly LoadBalancerDefinition Entry = new() { Name = "web", Servers = ["lb1", "lb2"], VirtualAddress = "10.77.0.100", Pool = ["web1", "web2"], PoolPort = 8080, Check = "/health" };

    [Fact]
    public void Servers_that_answer_alike_pass()
    {
        var findings = Judge(Entry, Facts("web1", Answer("hello")), Facts("web2", Answer("hello")));
        Assert.All(findings, finding => Assert.Equal((LoadBalancerFindingStatus.Passed, ""), (finding.Status, finding.Advice)));
        Assert.Equal(["health", "content", "headers", "session", "redirect", "clock"], findings.Select(finding => finding.Item));
        Assert.All(new ReadinessJudge(Entry).Redundancy(), finding => Assert.Equal(LoadBalancerFindingStatus.Passed, finding.Status));
    }

    [Fact]
    public void A_server_that_fails_its_check_or_does_not_answer_is_named()
    {
        var findings = Judge(Entry, Facts("web1", Answer("hello")) with { Health = Answer("no", status: 500) }, new PoolServerFacts { Server = "web2", Problem = "Connection refused", HealthProblem = "Connection refused" });
        Assert.Equal(["web1 /health is answered with 500", "web2 /health is not answered: Connection refused"], Failed(findings, "health"));
        Assert.Equal(["web2 the page is not answered: Connection refused"], Failed(findings, "content"));
        Assert.Equal(LoadBalancerFindingStatus.Warning, findings.Single(finding => finding.Item == "clock").Status);
    }

    [Fact]
    public void Other_content_versions_and_ETags_are_found()
    {
        var findings = Judge(Entry, Facts("web1", Answer("old", "Server: nginx/1.22")), Facts("web2", Answer("new", "Server: nginx/1.24")));
        Assert.Equal(LoadBalancerFindingStatus.Warning, findings.Single(finding => finding.Item == "content").Status);
        Assert.Contains("web2 'nginx/1.24'", findings.Single(finding => finding.Item == "headers").Message, StringComparison.Ordinal);
        Assert.Contains("ETag", Judge(Entry, Facts("web1", Answer("x", "ETag: \"1\"")), Facts("web2", Answer("x", "ETag: \"2\""))).Single(finding => finding.Item == "headers").Message, StringComparison.Ordinal);
        // A page that changes by itself says nothing.
        var changing = Facts("web1", Answer("1")) with { Second = Answer("2") };
        Assert.Equal(LoadBalancerFindingStatus.Passed, Judge(Entry, changing, Facts("web2", Answer("3"))).Single(finding => finding.Item == "content").Status);
    }

    [Fact]
    public void Copies_that_differ_are_mended_by_the_command_that_is_named()
    {
        var facts = new SharedDataFacts("/srv/uploads", 3, ["web2"], "/srv/uploads/a", "") { IsCopied = true };
        Assert.Equal("Sync-ServerItem -LoadBalancer web -AsRoot mends it. Compare-ServerItem -LoadBalancer web shows all of them.", new ReadinessJudge(Entry).Data(facts).Advice);
        Assert.Contains("mends it. 1 is only on others than the source, and stays unless -Delete", new ReadinessJudge(Entry).Data(facts with { Extra = 1 }).Advice, StringComparison.Ordinal);
        string onlyMore = new ReadinessJudge(Entry).Data(facts with { Extra = 3 }).Advice;
        Assert.Contains("3 are only on others than the source, and stay unless -Delete is given: look first, by -Delete -WhatIf.", onlyMore, StringComparison.Ordinal);
        Assert.DoesNotContain("mends", onlyMore, StringComparison.Ordinal);
        // What all mount is no copy.
        Assert.Equal("Compare-ServerItem -LoadBalancer web shows all of them.", new ReadinessJudge(Entry).Data(facts with { IsCopied = false }).Advice);
    }

    [Fact]
    public void A_session_that_only_its_own_server_knows_is_a_failure_unless_clients_stay()
    {
        var answer = Answer("x", "Set-Cookie: PHPSESSID=abc; path=/");
        PoolServerFacts[] servers = [Facts("web1", answer), Facts("web2", answer) with { WithForeignCookies = answer }];
        Assert.Equal(["web2 PHPSESSID of another server is not known on web2, and nothing keeps a client at its server: users are logged out"], Failed(Judge(Entry, servers), "session"));
        Assert.Equal(LoadBalancerFindingStatus.Passed, Judge(Entry with { StickyCookie = "SRV" }, servers).Single(finding => finding.Item == "session").Status);
        var shared = Judge(Entry, Facts("web1", answer), Facts("web2", answer) with { WithForeignCookies = Answer("x") });
        Assert.Equal(LoadBalancerFindingStatus.Warning, shared.Single(finding => finding.Item == "session").Status);
    }

    [Fact]
    public void A_redirection_past_the_balancer_is_found()
    {
        var findings = Judge(Entry, Facts("web1", Answer("", "Location: http://shop:8080/login", 302)), Facts("web2", Answer("", "Location: /login", 302)));
        Assert.Equal(["web1 it sends users to its own port, http://shop:8080"], Failed(findings, "redirect"));
        var tls = Judge(Entry with { RedirectToTls = true, TlsPort = 443 }, Facts("web1", Answer("", "Location: http://shop/login", 302)));
        Assert.Single(Failed(tls, "redirect"));
    }

    [Theory]
    [InlineData(0.1, LoadBalancerFindingStatus.Passed)]
    [InlineData(0.6, LoadBalancerFindingStatus.Warning)]
    [InlineData(-30, LoadBalancerFindingStatus.Failed)]
    public void Clocks_are_judged_by_how_far_apart_they_are(double seconds, LoadBalancerFindingStatus status) =>
        Assert.Equal(status, Judge(Entry, Facts("web1", Answer("x")), Facts("web2", Answer("x")) with { Clock = TimeSpan.FromSeconds(seconds) }).Single(finding => finding.Item == "clock").Status);

    [Fact]
    public void What_cannot_be_lost_is_said()
    {
        var findings = new ReadinessJudge(Entry with { Servers = ["lb1"], VirtualAddress = null, Pool = ["web1"] }).Redundancy().ToList();
        Assert.Equal(2, findings.Count(finding => finding.Status == LoadBalancerFindingStatus.Failed));
    }

    [Fact]
    public void Certificates_are_compared_and_their_end_is_told()
    {
        var judge = new ReadinessJudge(Entry with { Certificate = "/etc/haproxy/shop.pem" });
        BalancerCertificate one = new("lb1", "AA", Now.AddDays(60)), two = new("lb2", "AA", Now.AddDays(60));
        Assert.Equal(LoadBalancerFindingStatus.Passed, judge.Certificates([one, two], Now).Single().Status);
        Assert.Equal(["the balancers have different certificates"], judge.Certificates([one, two with { Thumbprint = "BB" }], Now).Select(finding => finding.Message));
        Assert.Equal((LoadBalancerFindingStatus.Failed, "it expires in 3 days"), judge.Certificates([one, two with { End = Now.AddDays(3.5) }], Now).Select(finding => (finding.Status, finding.Message)).Single());
        Assert.Equal("lb2", judge.Certificates([one, two with { Thumbprint = "" }], Now).First().Server);
    }

    [Fact]
    public void The_last_failover_test_counts()
    {
        var judge = new ReadinessJudge(Entry);
        var test = new FailoverTestResult { LoadBalancer = "web", Server = "lb1", Service = "haproxy", Recovered = true, Requests = 500, Failed = 12, Gap = TimeSpan.FromSeconds(0.68), Time = Now.AddDays(-10) };
        Assert.Equal(LoadBalancerFindingStatus.Warning, judge.History([], Now).Status);
        Assert.Equal((LoadBalancerFindingStatus.Passed, "2026-11-17: haproxy on lb1 stopped, 12 of 500 requests failed, 0.68 s without an answer"), (judge.History([test], Now).Status, judge.History([test], Now).Message));
        Assert.Equal(LoadBalancerFindingStatus.Warning, judge.History([test with { Time = Now.AddDays(-91) }], Now).Status);
        Assert.Equal(LoadBalancerFindingStatus.Failed, judge.History([test, test with { Recovered = false, Time = Now.AddDays(-1) }], Now).Status);
        Assert.Equal(LoadBalancerFindingStatus.Warning, judge.History([test with { Stopped = FailoverTarget.BackendServer }], Now).Status);
    }

    [Fact]
    public void Answers_of_servers_are_read_whole_or_not_at_all()
    {
        var answer = HttpAnswer.Parse("HTTP/1.1 200 OK\r\nSet-Cookie: a=1; path=/\r\nSet-Cookie: b=2=3\r\nX: \u001b[31m\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"u8)!;
        Assert.Equal([("a", "1"), ("b", "2=3")], answer.Cookies);
        Assert.Equal((200, " [31m"), (answer.Status, answer.Of("x").Single()));
        Assert.Equal(answer.Hash, HttpAnswer.Parse("HTTP/1.0 200 OK\n\nhi"u8)!.Hash);
        Assert.Null(HttpAnswer.Parse("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi"u8));
        Assert.Null(HttpAnswer.Parse("SSH-2.0\r\n"u8));
        ParserFuzz.Run("answer of HTTP", text => HttpAnswer.Parse(Encoding.Latin1.GetBytes(text))?.Cookies.ToList(), ["HTTP/1.1 200 OK\r\nSet-Cookie: a=1; path=/\r\nContent-Length: 2\r\n\r\nhi"]);
    }

    private static List<LoadBalancerFinding> Judge(LoadBalancerDefinition entry, params PoolServerFacts[] servers) => [.. new ReadinessJudge(entry).Judge(servers)];

    private static string[] Failed(IEnumerable<LoadBalancerFinding> findings, string item) =>
        [.. findings.Where(finding => finding.Item == item && finding.Status == LoadBalancerFindingStatus.Failed).Select(finding => $"{finding.Server} {finding.Message}".TrimStart())];

    private static PoolServerFacts Facts(string server, HttpAnswer answer) => new() { Server = server, Health = Answer("ok"), First = answer, Second = answer, Clock = TimeSpan.Zero };

    private static HttpAnswer Answer(string body, string header = "X: y", int status = 200) => HttpAnswer.Parse(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} Z\r\n{header}\r\nContent-Length: {body.Length}\r\n\r\n{body}"))!;
}
