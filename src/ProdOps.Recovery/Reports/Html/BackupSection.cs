using ProdOps.Recovery.Readiness;

namespace ProdOps.Recovery.Reports.Html;

/// <summary>Backups against what was promised, and how they were tested.</summary>
internal static class BackupSection
{
    private const int MostTests = 20;

    public static void Write(Page page)
    {
        var facts = page.Report.Facts;
        page.Begin("backups", "Backups");
        if (facts.Backups?.Value is { } states)
        {
            page.Table("Newest backups in the repositories", ["Set", "Server", "Repository", "Standing", "Made", "May be as old as"], [.. states.OrderBy(static state => state.Standing).ThenBy(static state => state.Name, StringComparer.OrdinalIgnoreCase)], (row, state) =>
                row.Add($"<th scope=\"row\">{state.Name}</th><td>{state.Server}</td><td>{state.Repository}{(state.IsCopy ? " (copy)" : "")}</td><td>{Page.State(Standing(state))}</td><td>{page.Age(state.Time)}</td><td>{(state.RecoveryPoint is { } point ? Words.Of(point) : "")}</td>"),
                "The repositories hold none.");
        }
        else
        {
            if (facts.Backups is { } failed) page.Missing("The repositories could not be read", failed.Problem);
            Runs(page, facts);
        }

        page.Html.Add($"<h3>Tests</h3>\n");
        if (facts.BackupTests.Value is { } tests)
        {
            page.Table("Tests of backups", ["When", "What", "Repository", "Result", "Took"], [.. tests.OrderByDescending(static test => test.Time).Take(MostTests)], (row, test) =>
                row.Add($"<td>{page.Age(test.Time)}</td><td>{test.Kind.ToString()}{(test.Sets.Count > 0 ? $" of {Words.List(test.Sets)}" : "")}</td><td>{test.Repository}</td><td>{Page.State(ReportText.Of(test.Passed, "passed", test.Problem ?? "failed"))}</td><td>{Words.Of(test.Duration)}</td>"),
                "No backup was ever tested: Test-Backup does it.");
        }
        else
        {
            page.Missing("Tests are not known", facts.BackupTests.Problem);
        }

        page.End();
    }

    /// <summary>What was noted on this machine when backups were made.</summary>
    private static void Runs(Page page, ReadinessFacts facts)
    {
        if (facts.BackupRuns.Value is not { } runs)
        {
            page.Missing("Backups are not known", facts.BackupRuns.Problem);
            return;
        }

        var environment = page.Report.Environment;
        var newest = runs.GroupBy(static run => (run.Set, run.Server)).Select(static one => (one.Key, Last: one.MaxBy(static run => run.Time)!, Good: one.Where(static run => run.Status == BackupSetStatus.Complete).MaxBy(static run => run.Time)))
            .OrderBy(static one => one.Key.Set, StringComparer.OrdinalIgnoreCase).ThenBy(static one => one.Key.Server, StringComparer.OrdinalIgnoreCase).ToList();
        page.Table("Backups as they were noted on this machine", ["Set", "Server", "Standing", "Last complete", "May be as old as", "Holds", "Problem"], newest, (row, one) =>
        {
            var point = environment.Backups.FirstOrDefault(set => set.Name == one.Key.Set)?.Objectives.RecoveryPoint ?? environment.Objectives.RecoveryPoint;
            var standing = one.Good is null ? ("critical", "✖", "never complete") : point is null ? ("unknown", "?", "nothing promised") : page.Report.Time - one.Good.Time <= point ? ("ok", "✔", "in time") : ("critical", "✖", "late");
            row.Add($"<th scope=\"row\">{one.Key.Set}</th><td>{one.Key.Server}</td><td>{Page.State(standing)}</td><td>{page.Age(one.Good?.Time)}</td><td>{(point is { } most ? Words.Of(most) : "")}</td><td>{ByteSize.Format(one.Last.BytesProcessed)}</td><td>{one.Last.Problem}</td>");
        }, "None was noted on this machine: Invoke-Backup makes them.");
    }

    private static (string Look, string Symbol, string Word) Standing(BackupState state) => state.Standing switch
    {
        BackupStanding.Met => ("ok", "✔", "in time"),
        BackupStanding.Unpromised => ("unknown", "?", "nothing promised"),
        BackupStanding.Late => ("critical", "✖", "late"),
        _ => ("critical", "✖", state.Problem is { Length: > 0 } problem ? $"{state.Standing}: {problem}" : state.Standing.ToString()),
    };
}
