using System.Globalization;

namespace ProdOps.Lab.Tests.LoadBalancing;

/// <summary>
/// Clients of several kinds at once, whose requests are each sent once with an id of their own: with connections that are kept and with one for each request, asking (GET) and changing (POST).
/// Where everything is tried, all four kinds; else the two that differ in both.
/// </summary>
internal sealed class LabClients : IAsyncDisposable
{
    private const string Change = "-Method POST -BodySize 200";

    // A machine that does other things too answers late, and is not to be taken for a balancer that loses requests.
    private const string Patient = "-Concurrency 100 -TimeoutSec 30";

    private static readonly string[] Usual = [$"{Change}", "-Close"], All = ["", $"-Close {Change}", .. Usual];

    private readonly LabLoad[] _loads;

    private LabClients(LabLoad[] loads) => _loads = loads;

    /// <summary>Begins. It returns when requests of each kind were answered.</summary>
    /// <param name="rate">Requests a second, of all kinds together.</param>
    /// <param name="urls">What is asked, by turns.</param>
    public static async Task<LabClients> StartAsync(int rate, params string[] urls)
    {
        string[] kinds = Effort.Of(full: All.Length, usual: Usual.Length) == All.Length ? All : Usual;
        return new LabClients(await Task.WhenAll(kinds.Select((options, i) => LabLoad.StartAsync(urls[i % urls.Length], rate / kinds.Length, $"{options} {Patient}"))));
    }

    /// <summary>Ends, and counts on the servers what they got.</summary>
    public Task<LabCount> StopAsync(params LabHost[] servers) => StopAsync($"cat {LabLoad.IdLog}", servers);

    /// <summary>Likewise, on servers whose log a command prints.</summary>
    public async Task<LabCount> StopAsync(string log, LabHost[] servers)
    {
        var results = new List<LabLoadResult>();
        foreach (var load in _loads) results.Add(await load.StopAsync(log, servers));
        return new LabCount(results);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var load in _loads) await load.DisposeAsync();
    }
}

/// <summary>What all kinds of clients saw together.</summary>
internal sealed class LabCount(IReadOnlyList<LabLoadResult> results)
{
    public long Requests { get; } = results.Sum(result => result.Requests);

    public long Failed { get; } = results.Sum(result => result.Failed);

    public long Lost { get; } = results.Sum(result => result.Lost);

    public long Replayed { get; } = results.Sum(result => result.Replayed);

    /// <summary>The longest time in which one kind got no good answer.</summary>
    public TimeSpan LongestGap { get; } = results.Max(result => result.LongestGap);

    /// <summary>The servers that answered.</summary>
    public IEnumerable<string> Servers { get; } = results.SelectMany(result => result.Servers.Keys).Distinct().Order(StringComparer.Ordinal);

    /// <summary>Not one request failed, got lost on its way or came twice, and there were enough of them for it to say something.</summary>
    public void AssertWhole() => AssertWhole(Effort.Of(full: 100_000, usual: 1_000));

    /// <summary>Likewise, with so many requests at least.</summary>
    public void AssertWhole(long least) => Assert.True((Failed, Lost, Replayed) == (0, 0, 0) && Requests >= least, $"{this}\n{string.Join('\n', results)}");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Requests} requests, {Failed} failed, {Lost} lost, {Replayed} replayed, longest gap {LongestGap.TotalMilliseconds:0} ms");
}
