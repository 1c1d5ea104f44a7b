using System.Text;

namespace ProdOps.Recovery.Plans;

/// <summary>
/// What a plan was before: its text by its revision, as a plain file <c>plans/.revisions/NAME/REVISION.psd1</c>. It is kept whenever a plan is read to be carried out, tested, exported or compared, so what was drilled
/// can always be seen. Files are only ever added, and go well with git.
/// </summary>
internal static class PlanHistory
{
    /// <summary>Keeps the present text of a plan, unless it is kept already.</summary>
    /// <param name="plan">The plan as it was read.</param>
    /// <param name="activity">Hears that it could not be kept, which stops nothing.</param>
    public static void Keep(RecoveryPlan plan, IActivity activity)
    {
        string path = PathOf(plan, plan.Revision);
        try
        {
            if (File.Exists(path)) return;
            byte[] text = File.ReadAllBytes(plan.Path);
            // Whoever changes the file at this moment makes another revision of it.
            if (PlanRevisions.HashOf(Encoding.UTF8.GetString(text), plan) != plan.Revision) return;
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
            File.WriteAllBytes(temporary, text);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            activity.Warning($"The present text of the plan '{plan.Name}' could not be kept as a revision: {error.Message}");
        }
    }

    /// <summary>The revisions that are kept, the latest first.</summary>
    public static IReadOnlyList<RecoveryPlanRevision> List(RecoveryPlan plan, IReadOnlyList<RecoveryRun> runs)
    {
        FileInfo[] files;
        try
        {
            files = new DirectoryInfo(Path.GetDirectoryName(PathOf(plan, "x"))!).GetFiles("*.psd1");
        }
        catch (DirectoryNotFoundException)
        {
            files = [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw RecoveryErrors.PlanUnreadable(plan.Path, error);
        }

        return [.. files.OrderByDescending(file => file.LastWriteTimeUtc).Select(file =>
        {
            string revision = Path.GetFileNameWithoutExtension(file.Name);
            var used = runs.Where(run => run.Plan.Equals(plan.Name, StringComparison.OrdinalIgnoreCase) && run.Revision == revision).ToArray();
            return new RecoveryPlanRevision
            {
                Plan = plan.Name,
                Revision = revision,
                Time = new DateTimeOffset(file.LastWriteTimeUtc),
                IsCurrent = revision == plan.Revision,
                Path = file.FullName,
                LastDrill = used.Where(run => run.IsDrill && run.Status == RecoveryRunStatus.Succeeded).Select(run => (DateTimeOffset?)run.Started).Max(),
                LastRun = used.Where(run => !run.IsDrill).Select(run => (DateTimeOffset?)run.Started).Max(),
            };
        })];
    }

    /// <summary>A plan as it was.</summary>
    /// <param name="plan">The plan as it is.</param>
    /// <param name="revision">A revision, or the beginning of one.</param>
    /// <exception cref="ProdOpsException">There is none, or more than one, of the name.</exception>
    public static RecoveryPlan Read(RecoveryPlan plan, string revision)
    {
        var found = List(plan, []).Where(one => one.Revision.StartsWith(revision, StringComparison.OrdinalIgnoreCase)).ToArray();
        if (found is not [var only]) throw RecoveryErrors.RevisionNotFound(plan.Name, revision);
        try
        {
            // Its paths are those of the plan, and so are its relative names.
            return PlanReader.Parse(File.ReadAllText(only.Path), plan.Path, environment: null).Require() with { Revision = only.Revision };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw RecoveryErrors.PlanUnreadable(only.Path, error);
        }
    }

    private static string PathOf(RecoveryPlan plan, string revision) => Path.Combine(Path.GetDirectoryName(plan.Path)!, ".revisions", plan.Name, revision + ".psd1");
}
