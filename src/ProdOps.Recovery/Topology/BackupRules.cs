using ProdOps.Backup.Sets;
using static System.FormattableString;

namespace ProdOps.Recovery.Topology;

/// <summary>Backups that would not help: one repository only, all copies in one place, none ever tested, and databases that nothing backs up.</summary>
/// <param name="model">The environment's graph.</param>
/// <param name="measured">What was measured.</param>
internal sealed class BackupRules(TopologyModel model, TopologyMeasurements measured)
{
    private const int TestDays = 90;

    public IEnumerable<SinglePointOfFailure> Find() => [.. Unprotected(), .. Alone(), .. Together(), .. Untested()];

    /// <summary>A replica repeats a DELETE: beside servers that have the same data there must be a backup.</summary>
    private IEnumerable<SinglePointOfFailure> Unprotected() =>
        from data in model.Data
        // What has one copy only is told as lost with it.
        where data.Set is null && data.Node.Needs.Any(need => need.Members.Count > 1)
        select Point(data.Source.Name, SinglePointComponent.Server, [data.Node.Name], $"{data.Node.Name} is not backed up: what is deleted or spoilt is so on every replica", data.Source.Source,
            $"Backups = @{{ '{data.Source.Name}' = @{{ Server = '{data.Source.Name}'; {FailureAdvice.What(data.Source)}; Repository = '{model.Environment.Repositories.FirstOrDefault()?.Name ?? "offsite"}'; Schedule = '15 * * * *' }} }}");

    /// <summary>A repository that is damaged, encrypted by somebody or deleted takes all history with it.</summary>
    private IEnumerable<SinglePointOfFailure> Alone()
    {
        foreach (var group in model.Data.Where(data => data.Set is not null && data.Repositories.Count == 1).GroupBy(data => data.Repositories[0]))
        {
            string[] sets = [.. group.Select(data => data.Set!.Name).Distinct(StringComparer.OrdinalIgnoreCase)];
            string? other = model.Environment.Repositories.FirstOrDefault(repository => repository.Name != group.Key.Repository.Name)?.Name;
            yield return Point(group.Key.Repository.Name, SinglePointComponent.Repository, sets,
                $"'{group.Key.Repository.Name}' is the only repository of {SinglePoints.Few(sets)}: who deletes or damages it takes all history", group.Key.Repository,
                other is null ? $"Add one in another place, Repositories = @{{ offsite = @{{ Url = 'sftp:USER@HOST:/srv/backup'; Password = @{{ File = 'FILE' }} }} }}, and CopyTo = 'offsite' to Backups.{sets[0]}"
                : $"CopyTo = '{other}' in Backups.{sets[0]}; what is there now goes by: Copy-Backup -Repository {group.Key.Repository.Name} -To {other}");
        }
    }

    /// <summary>Several repositories of which none lies elsewhere: one fire, one thief, one mistake of a provider.</summary>
    private IEnumerable<SinglePointOfFailure> Together()
    {
        foreach (var data in model.Data.Where(data => data.Set is not null && data.Repositories.Count > 0).DistinctBy(data => data.Set!.Name))
        {
            string? site = (data.Source.Source as Server)?.Site;
            bool sameSite = site is not null && data.Repositories.All(place => site.Equals(place.Site, StringComparison.OrdinalIgnoreCase));
            bool sameHost = data.Repositories.Count > 1 && data.Repositories.All(place => place.Host is not null && place.Host == data.Repositories[0].Host);
            // With the host of the data itself it is told as lost.
            if ((!sameSite && !sameHost) || data.Repositories.All(place => place.Host == data.Source)) continue;
            string where = sameHost ? $"on {data.Repositories[0].Host!.Name}" : $"in {site}, where the data is";
            yield return Point(data.Set!.Name, SinglePointComponent.BackupSet, [data.Node.Name], $"every repository of '{data.Set.Name}' lies {where}: there is no copy off site",
                data.Set, $"CopyTo a repository in another place in Backups.{data.Set.Name}");
        }
    }

    private IEnumerable<SinglePointOfFailure> Untested()
    {
        foreach (var set in model.Data.Select(data => data.Set).OfType<BackupSet>().DistinctBy(set => set.Name))
        {
            var last = measured.BackupTests.Where(test => test.Kind == BackupTestKind.Restore && test.Sets.Contains(set.Name, StringComparer.OrdinalIgnoreCase)).MaxBy(test => test.Time);
            if (last is { Passed: true } && measured.Now - last.Time <= TimeSpan.FromDays(TestDays)) continue;
            string message = last is null ? $"no restore of '{set.Name}' was ever tested from here" : !last.Passed
                ? Invariant($"the last test of a restore of '{set.Name}', of {last.Time.UtcDateTime:yyyy-MM-dd}, failed")
                : Invariant($"no restore of '{set.Name}' was tested for {TestDays} days, the last time {last.Time.UtcDateTime:yyyy-MM-dd}");
            yield return Point(set.Name, SinglePointComponent.BackupSet, [.. model.Data.Where(data => data.Set == set).Select(data => data.Node.Name)], message, (object?)last ?? set,
                $"Test-Backup -Repository {set.Repository} -Tag {SetSeries.TagOf(set)} -Restore");
        }
    }

    private static SinglePointOfFailure Point(string component, SinglePointComponent sort, IReadOnlyList<string> affected, string message, object? evidence, string advice) => new()
    {
        Component = component, ComponentKind = sort, Kind = SinglePointKind.Backup, Affected = affected, Message = message, Evidence = evidence is null ? [] : [evidence], Advice = advice,
    };
}
