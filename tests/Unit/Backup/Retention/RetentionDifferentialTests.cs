using System.Text.Json;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Retention;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;

namespace ProdOps.Backup.Tests.Retention;

/// <summary>
/// The rules against <c>restic forget --dry-run</c>: few large repositories with many groups, so that each call of restic decides hundreds of histories.
/// restic before 0.16 knows neither counts without limit nor the rule that keeps the oldest snapshot; without those rules' reasons ours must be its decisions.
/// </summary>
public sealed class RetentionDifferentialTests
{
    [ResticTheory]
    [InlineData("Europe/Berlin", 1)]
    [InlineData("America/New_York", 2)]
    [InlineData("UTC", 3)]
    public async Task Thousands_of_random_histories_are_decided_as_restic_decides_them(string zoneName, int seed)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(zoneName);
        using var lab = new BackupLab(below: Directory.Exists("/dev/shm") ? "/dev/shm" : null);
        await using var repository = await TestRepository.CreateAsync(lab.Storage());
        var random = new Random(seed);
        var snapshots = new List<SnapshotFile>();
        await Parallel.ForEachAsync(new RetentionHistories(seed, TimeProvider.System.GetUtcNow()).Make(200).ToList(), async (snapshot, token) =>
        {
            var id = await repository.WriteSnapshotAsync(snapshot, token);
            lock (snapshots) snapshots.Add(snapshot with { Id = id });
        });

        var restic = lab.Restic with { Variables = new() { ["TZ"] = zoneName } };
        bool isOld = restic.Version < new Version(0, 16);
        int decided = 0;
        for (int call = 0; call < 14; call++)
        {
            string groupBy = call switch { 0 => "", 1 => "host", 2 => "paths", 3 => "host,tags", _ => "host,paths" };
            var (policy, options) = RandomPolicy.Make(random, unlimited: !isOld, tags: call > 3);
            var planner = new RetentionPlanner(policy, SnapshotGrouping.Parse([groupBy]), RetentionGuard.None, TimeProvider.System.GetUtcNow(), zone);
            var (exitCode, output, errors) = restic.TryRun(["forget", "--dry-run", "--json", "--group-by", groupBy, .. options]);
            var plan = Record.Exception(() => planner.Plan(snapshots.Select(snapshot => new RetentionCandidate(snapshot))));
            if (plan is ProdOpsException { ErrorId: "RetentionRemovesAll" })
            {
                if (!isOld) Assert.True(exitCode != 0 && errors.Contains("refusing to delete last snapshot", StringComparison.Ordinal), $"{errors}\n{string.Join(' ', options)}");
                continue;
            }

            Assert.Null(plan);
            Assert.True(exitCode == 0, errors);
            var ours = planner.Plan(snapshots.Select(snapshot => new RetentionCandidate(snapshot)));
            decided += ours.Select(decision => decision.Group).Distinct().Count();
            var expected = ReadResticDecisions(output);
            var actual = ours.Select(decision => Line(decision, isOld)).Order(StringComparer.Ordinal).ToList();
            Assert.True(expected.SequenceEqual(actual), Explain(expected, actual, options, zoneName));
        }

        Assert.True(decided > 700, $"{decided} histories");
    }

    // Snapshots of one instant may come in any order, so a decision is told by the time and not by the id.
    private static string Line(PlannedRetention decision, bool isOld)
    {
        var reasons = decision.Reasons.Where(reason => !isOld || !reason.StartsWith("oldest ", StringComparison.Ordinal)).ToList();
        var snapshot = decision.Candidate.Snapshot;
        return $"{snapshot.HostName} {string.Join(',', snapshot.Paths.Order(StringComparer.Ordinal))} {snapshot.Time}: {(reasons.Count == 0 ? "removed" : string.Join("; ", reasons))}";
    }

    private static List<string> ReadResticDecisions(string json)
    {
        using var document = JsonDocument.Parse(json);
        var lines = new List<string>();
        foreach (var group in document.RootElement.EnumerateArray())
        {
            var reasons = Elements(group, "reasons").Select(reason => string.Join("; ", reason.GetProperty("matches").EnumerateArray().Select(match => match.GetString()))).ToList();
            lines.AddRange(Elements(group, "keep").Zip(reasons, (snapshot, why) => $"{Name(snapshot)}: {why}"));
            lines.AddRange(Elements(group, "remove").Select(snapshot => $"{Name(snapshot)}: removed"));
        }

        lines.Sort(StringComparer.Ordinal);
        return lines;

        static IEnumerable<JsonElement> Elements(JsonElement element, string name) =>
            element.GetProperty(name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

        static string Name(JsonElement snapshot) => string.Join(' ',
            snapshot.GetProperty("hostname").GetString(),
            string.Join(',', snapshot.GetProperty("paths").EnumerateArray().Select(path => path.GetString()).Order(StringComparer.Ordinal)),
            snapshot.GetProperty("time").GetString());
    }

    private static string Explain(List<string> expected, List<string> actual, IReadOnlyList<string> options, string zone) =>
        $"{string.Join(' ', options)} in {zone}\nrestic: {string.Join('\n', expected.Except(actual).Take(5))}\nours: {string.Join('\n', actual.Except(expected).Take(5))}";
}
