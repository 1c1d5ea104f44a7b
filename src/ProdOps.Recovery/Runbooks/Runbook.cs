using System.Globalization;
using ProdOps.Recovery.Execution;

namespace ProdOps.Recovery.Runbooks;

/// <summary>What a runbook says: the plan in the words of a document, without a format. It is made of the plan alone, so it cannot say something else.</summary>
internal sealed record Runbook
{
    public required string Title { get; init; }

    public string Purpose { get; init; } = "";

    /// <summary>Name and value, for the head.</summary>
    public required IReadOnlyList<(string Name, string Value)> Facts { get; init; }

    public IReadOnlyList<string> Unexplained { get; init; } = [];

    public required IReadOnlyList<RunbookStep> Steps { get; init; }

    public required string Footer { get; init; }

    public static Runbook Of(RecoveryPlan plan, ProdOpsEnvironment environment, IReadOnlyList<RecoveryRun> runs)
    {
        var server = environment.Servers.FirstOrDefault(server => server.Name.Equals(plan.Server, StringComparison.OrdinalIgnoreCase));
        string host = server?.Address ?? plan.Server;
        var plain = new PlainCommands(plan, environment, host);
        var learnt = RunHistory.Learnt(runs, plan.Name);
        var drill = runs.FirstOrDefault(run => run.IsDrill && run.Plan.Equals(plan.Name, StringComparison.OrdinalIgnoreCase) && run.Status == RecoveryRunStatus.Succeeded);
        var facts = new List<(string, string)> { ("Server", plan.Server), ("Address", host), ("Scenario", plan.Scenario.ToString()) };
        if (plan.Requires.System.Count > 0) facts.Add(("Needs", string.Join(" or ", plan.Requires.System)));
        if (plan.Requires.FreeSpace is { } space) facts.Add(("Room", ByteSize.Format(space)));
        if ((plan.Objectives.RecoveryTime ?? environment.Objectives.RecoveryTime) is { } time) facts.Add(("May take", Lasting(time)));
        if ((plan.Objectives.RecoveryPoint ?? environment.Objectives.RecoveryPoint) is { } point) facts.Add(("May lose", Lasting(point)));
        facts.AddRange(plan.Contacts.Select(contact => ("Contact", contact)));
        return new Runbook
        {
            Title = $"Recovery of {plan.Name}",
            Purpose = plan.Purpose,
            Facts = facts,
            Unexplained = plan.Unexplained,
            Steps = [.. plan.Steps.Select((step, index) => StepOf(plain, step, index, learnt))],
            Footer = $"Revision {plan.Revision}. " + (drill is null ? "Never drilled." : $"Last drill {drill.Started.ToUniversalTime():yyyy-MM-dd} in {Lasting(drill.Duration)}{(drill.Revision == plan.Revision ? "" : ", with an earlier revision")}."),
        };
    }

    public static string Lasting(TimeSpan time) => time.TotalSeconds < 90 ? $"{Math.Ceiling(time.TotalSeconds).ToString("0", CultureInfo.InvariantCulture)} s"
        : time.TotalMinutes < 90 ? $"{Math.Ceiling(time.TotalMinutes).ToString("0", CultureInfo.InvariantCulture)} min" : $"{time.TotalHours.ToString("0.#", CultureInfo.InvariantCulture)} h";

    private static RunbookStep StepOf(PlainCommands plain, RecoveryStep step, int index, IReadOnlyDictionary<string, TimeSpan> learnt) => new(
        index + 1, step.Name, step.Kind, step.Purpose, step.DependsOn,
        learnt.TryGetValue(step.Name, out var took) ? $"{Lasting(took)} (measured)" : step.Expected is { } expected ? $"{Lasting(expected)} (assumed)" : "",
        plain.Of(step), [.. step.Verify.Select(check => plain.Check(check, step))], plain.Undo(step));
}

/// <summary>A step of a runbook.</summary>
internal sealed record RunbookStep(
    int Number, string Name, RecoveryStepKind Kind, string Purpose, IReadOnlyList<string> After, string Duration, PlainStep Do, IReadOnlyList<PlainStep> Checks, PlainStep? Undo);
