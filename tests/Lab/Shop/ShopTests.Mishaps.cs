using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using ProdOps.Lab.Tests.LoadBalancing;
using ProdOps.Lab.Tests.Monitoring;

namespace ProdOps.Lab.Tests.Shop;

/// <content>What can happen to the shop: who is told of what and when, what clients see of it, the one command that mends it, and what the timeline says.</content>
public sealed partial class ShopTests
{
    private static readonly TimeSpan InTime = TimeSpan.FromMinutes(2);

    private static readonly string? Seed = Environment.GetEnvironmentVariable("PRODOPS_SHOP_SEED");

    /// <summary>One of the things that can happen, the first or what a seed chooses; where everything is tried, all of them, in their order or the seed's.</summary>
    public static TheoryData<string> Chosen
    {
        get
        {
            string[] names = [.. Mishap.All.Select(mishap => mishap.Name)];
            if (int.TryParse(Seed, CultureInfo.InvariantCulture, out int seed)) new Random(seed).Shuffle(names);
            return new(names.Take(Effort.Of(full: names.Length, usual: 1)));
        }
    }

    [LabTheory]
    [MemberData(nameof(Chosen))]
    public async Task Whatever_happens_is_told_once_by_its_cause_and_mended_by_one_command(string what)
    {
        var mishap = Mishap.All.Single(mishap => mishap.Name == what);
        var shop = await fixture.OfAsync(fleet);
        await shop.StoryAsync();
        await Logging.LogAdmin.UntilAsync(async () => IsQuiet(await MessagesAsync(shop)), () => "what was told before is over");
        await BetweenBackupsAsync(mishap);
        double before = await shop.ReadinessAsync();
        int known = (await MessagesAsync(shop)).Length;
        string begin = TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
        await using var load = await LabLoad.StartAsync($"http://{shop.Address}/orders", 20, "-Method POST -BodySize 100 -Concurrency 200 -TimeoutSec 10");
        long broken = Stopwatch.GetTimestamp();
        TimeSpan? told = null, named = null;
        int? rank = null;
        long mending;
        try
        {
            await mishap.Break(shop);
            if (mishap.Told is { } title) told = await ToldAsync(shop, mishap, title, known, broken);
            if (mishap.Cause is { } cause)
            {
                rank = await RankAsync(shop, mishap, cause, begin);
                named = Stopwatch.GetElapsedTime(broken);
            }
        }
        finally
        {
            // Also when it was not told as it should be: others use the shop.
            mending = Stopwatch.GetTimestamp();
            await mishap.Mend(shop, begin);
        }

        await AnswersAsync(shop);
        var mended = Stopwatch.GetElapsedTime(mending);
        var seen = await load.StopAsync("runuser -u postgres -- psql -A -t shop -c 'select request from orders'", [shop["db1"]]);
        if (mishap.Told is not null)
        {
            await NewMessageAsync(shop, known, "Recovery", mishap.Name);
            Message[] more = [.. (await MessagesAsync(shop)).Skip(known).Where(message => message.Kind != "Recovery").Skip(1)];
            // A blank host that stands there before its key is known is somebody else's, for all that the monitor can know.
            Assert.All(more, message => Assert.True(message.Kind == "Update" && message.Title.Contains("the host key has changed", StringComparison.Ordinal), $"{message.Kind} {message.Title}"));
        }

        if (mishap.After is { } after) await after(shop);
        double ready = await shop.ReadinessAsync();
        // Of those that failed some were placed, and told so to nobody.
        long vanished = seen.Lost - seen.Failed;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{mishap.Name}: told after {told?.TotalSeconds:0.0} s, cause at place {rank} after {named?.TotalSeconds:0.0} s, mended within {mended.TotalSeconds:0.0} s; readiness {before:0.0}, then {ready:0.0}; clients: {seen.Requests} orders, {seen.Failed} failed, {Math.Max(0, vanished)} gone, {seen.Replayed} twice, longest gap {seen.LongestGap.TotalSeconds:0.00} s\n{seen}"));
        Assert.Equal(0, seen.Replayed);
        if (!mishap.TakesOrders) Assert.True(vanished <= 0, $"{vanished} orders are gone that clients were told of\n{seen}");
        if (mishap.Gap == TimeSpan.Zero) Assert.Equal(0, seen.Failed);
        else if (mishap.Gap is { } gap) Assert.InRange(seen.LongestGap, TimeSpan.Zero, gap);
        // What was mended is proved by it.
        Assert.InRange(ready, mishap.TakesProofs ? shop.ReadinessBefore + 20 : before - 5, 100);
    }

    /// <summary>A backup that fails for want of what is gone is told too, and rightly: what happens ends before one is due.</summary>
    private static async Task BetweenBackupsAsync(Mishap mishap)
    {
        static int Minute() => TimeProvider.System.GetUtcNow().Minute;
        while (mishap.Backups.Any(due => (due - Minute() + 60) % 60 <= 2)) await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
    }

    /// <summary>Whether the end of each incident that was told was told too.</summary>
    private static bool IsQuiet(Message[] messages) =>
        !messages.Where(message => message.Kind == "Problem").SelectMany(message => message.Incidents).Select(item => item.Incident).Except(messages.Where(message => message.Kind == "Recovery").SelectMany(message => message.Incidents).Select(item => item.Incident)).Any();

    private static async Task<TimeSpan> ToldAsync(ShopFixture shop, Mishap mishap, string title, int known, long broken)
    {
        var problem = await NewMessageAsync(shop, known, "Problem", mishap.Name);
        var told = Stopwatch.GetElapsedTime(broken);
        Assert.Matches($"^Critical: {Regex.Escape(title)}", problem.Title);
        if (mishap.Shows.Length > 0) Assert.Contains(mishap.Shows, problem.Incidents.Single().Diagnosis, StringComparison.Ordinal);
        return told;
    }

    /// <summary>At which place the timeline has the cause: one of the first three. Logs that the schedule collects are there within its minute.</summary>
    private static async Task<int> RankAsync(ShopFixture shop, Mishap mishap, string cause, string begin)
    {
        string ranked = "";
        for (long begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < InTime; await Task.Delay(1000, CancellationToken.None))
        {
            ranked = await shop.OnOpsAsync($"prodops -Command 'Get-Timeline -Start \"{begin}\" -Cause -Environment /etc/prodops | ForEach-Object {{ \"$($_.Server) $($_.Kind) $($_.Text) ($($_.Reason))\" }}' 2>/dev/null || true");
            int place = Array.FindIndex(ranked.Split('\n'), line => Regex.IsMatch(line, cause));
            if (place is >= 0 and < 3) return place + 1;
        }

        Assert.Fail($"{mishap.Name}: the timeline does not name {cause} among the first:\n{ranked}");
        return 0;
    }

    private static async Task<Message> NewMessageAsync(ShopFixture shop, int known, string kind, string what)
    {
        for (long begun = Stopwatch.GetTimestamp(); ; await Task.Delay(200, CancellationToken.None))
        {
            var messages = (await MessagesAsync(shop)).Skip(known).ToList();
            if (messages.Find(message => message.Kind == kind) is { } found) return found;
            Assert.True(Stopwatch.GetElapsedTime(begun) < InTime, $"{what}: no message of the kind {kind}, but {string.Join("; ", messages.Select(message => $"{message.Kind} {message.Title}"))}");
        }
    }

    private static async Task<Message[]> MessagesAsync(ShopFixture shop)
    {
        string text = await shop["ops"].RunAsync("cat /var/log/prodops/messages 2>/dev/null || true");
        return [.. text.Split('\n').Where(line => line.EndsWith('}')).Select(line => JsonSerializer.Deserialize<Message>(line, JsonSerializerOptions.Web)!)];
    }

    private static async Task AnswersAsync(ShopFixture shop)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        string last = "";
        await Logging.LogAdmin.UntilAsync(async () =>
        {
            try
            {
                last = await client.GetStringAsync($"http://{shop.Address}/orders");
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
            {
                last = error.Message;
            }

            return last.EndsWith(" orders\n", StringComparison.Ordinal);
        }, () => $"the shop answers; it says: {last}");
    }
}
