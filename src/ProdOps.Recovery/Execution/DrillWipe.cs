using System.Runtime.CompilerServices;
using System.Text;
using ProdOps.Recovery.Execution.Steps;
using ProdOps.Servers.Commands;

namespace ProdOps.Recovery.Execution;

/// <summary>
/// Takes away what a drill has made on the spare host, the latest first: data and secrets above all. What its journal does not say to have been made there is left: a file that was changed, what a command
/// without Undo has done.
/// </summary>
internal sealed class DrillWipe(RunJournal journal, RecoveryPlan plan, IReadOnlyList<PlannedStep> steps, ProdOpsEnvironment environment, IRecoveryAccess access, IActivity activity, TimeProvider time)
{
    private static readonly Dictionary<string, SecretReference> NoSecrets = [];

    /// <summary>Wipes. What cannot be taken away is told of, and the others are.</summary>
    public async IAsyncEnumerable<RecoveryRunStep> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var records = journal.Records;
        var done = steps.Where(step => !step.IsSkipped && step.Server.Name == journal.Header.Target)
            .Select(step => (Step: step, Record: records.LastOrDefault(record => record.Step.Equals(step.Step.Name, StringComparison.OrdinalIgnoreCase) && record.State == RecoveryStepState.Succeeded)))
            .Where(entry => entry.Record is { Changes.Count: > 0 }).OrderByDescending(entry => entry.Record!.Time).ToArray();
        await using var locks = new TargetLocks(journal.Header, access, activity, time);
        await locks.TakeAsync(done.Select(entry => (entry.Step.Server, entry.Step.Step.AsRoot)).Distinct(), force: false, cancellationToken).ConfigureAwait(false);
        foreach (var (step, record) in done) yield return await WipeAsync(step, record!.Changes!, cancellationToken).ConfigureAwait(false);
        journal.Add(new RunRecord { State = RecoveryStepState.Undone, Message = "wiped" });
        await locks.ReleaseAsync(isOver: true).ConfigureAwait(false);
    }

    private async Task<RecoveryRunStep> WipeAsync(PlannedStep planned, IReadOnlyList<string> changes, CancellationToken cancellationToken)
    {
        var step = planned.Step;
        long begun = time.GetTimestamp();
        var result = new RecoveryRunStep { Run = journal.Header.Run, Plan = plan.Name, Step = step.Name, Kind = step.Kind, Server = planned.Server.Name, State = RecoveryStepState.Undone };
        try
        {
            var context = new StepContext(planned.Owner, step with { Name = step.Name + "#wipe" }, planned.Server, environment, access, activity, time)
            {
                Run = journal.Header.Run, Snapshot = journal.Records.LastOrDefault(record => record.Snapshot is not null && record.Step.Equals(step.Name, StringComparison.OrdinalIgnoreCase))?.Snapshot,
            };
            var taken = await TakeAwayAsync(context, changes, cancellationToken).ConfigureAwait(false);
            if (taken.Count == 0) activity.Warning($"What '{step.Name}' did stays on {planned.Server.Name}: {(step.Kind is RecoveryStepKind.Command or RecoveryStepKind.Sql ? "it has no Undo" : "it changed what was there")}.");
            return result with { State = taken.Count > 0 ? RecoveryStepState.Undone : RecoveryStepState.Skipped, Changes = taken, Duration = time.GetElapsedTime(begun) };
        }
        catch (ProdOpsException error) when (!cancellationToken.IsCancellationRequested)
        {
            return result with { State = RecoveryStepState.Failed, Error = error.Message, Message = "throw the host away", Duration = time.GetElapsedTime(begun) };
        }
    }

    private static async Task<IReadOnlyList<string>> TakeAwayAsync(StepContext context, IReadOnlyList<string> changes, CancellationToken cancellationToken)
    {
        var step = context.Step;
        if (step.Undo is { } undo)
        {
            await context.JobAsync(undo, step.Secrets, cancellationToken).ConfigureAwait(false);
            return ["taken back by its Undo"];
        }

        if (StepWork.Of(context) is BackupWork work) return await work.WipeAsync(cancellationToken).ConfigureAwait(false);
        var (script, taken) = Script(step, changes);
        if (taken.Count == 0) return [];
        if (step.Kind == RecoveryStepKind.Package) await context.JobAsync(script, NoSecrets, cancellationToken).ConfigureAwait(false);
        else await context.ScriptAsync(script, cancellationToken).ConfigureAwait(false);
        return taken;
    }

    /// <summary>Commands that take away what a step has made, and what that is; nothing for what it has changed. Done twice they do no harm.</summary>
    public static (string Script, IReadOnlyList<string> Taken) Script(RecoveryStep step, IReadOnlyList<string> changes)
    {
        var script = new StringBuilder();
        var taken = new List<string>();
        switch (step.Kind)
        {
            case RecoveryStepKind.File or RecoveryStepKind.Repository:
                foreach (var file in step.Files.Where(file => IsMade(file.Path))) Take(file.Path, $"rm -f -- {Word(file.Path)}");
                break;
            case RecoveryStepKind.Directory:
                // What is in a folder that was made by the drill came later than it.
                foreach (var folder in step.Directories.Where(folder => IsMade(folder.Path) && folder.Path.Trim('/').Length > 0).OrderByDescending(folder => folder.Path.Length)) Take(folder.Path, $"rm -rf --one-file-system -- {Word(folder.Path)}");
                break;
            case RecoveryStepKind.User:
                foreach (var user in step.Users.Where(user => IsMade(user.Name)))
                    Take(user.Name, $"if getent passwd {Word(user.Name)} >/dev/null; then pkill -KILL -u {Word(user.Name)} 2>/dev/null; userdel {(user.System ? "" : "-r ")}{Word(user.Name)} 2>/dev/null; ! getent passwd {Word(user.Name)} >/dev/null; fi");
                break;
            case RecoveryStepKind.Group:
                // The group of a user's name goes with the user.
                foreach (var group in step.Groups.Where(group => IsMade(group.Name))) Take(group.Name, $"if getent group {Word(group.Name)} >/dev/null; then groupdel {Word(group.Name)}; fi");
                break;
            case RecoveryStepKind.Service:
                foreach (string unit in step.Services)
                {
                    if (changes.Contains($"{unit}: start")) Take($"{unit}: stopped", $"systemctl stop -- {Word(unit)}");
                    if (changes.Contains($"{unit}: enable")) Take($"{unit}: disabled", $"systemctl disable -- {Word(unit)}");
                }

                break;
            case RecoveryStepKind.Package:
                string[] names = [.. step.Packages.Where(package => changes.Contains($"{package}: installed")).Select(package => package.Split('=')[0])];
                if (names.Length > 0) script.Append(Packages.Purge(names));
                taken.AddRange(names);
                break;
        }

        return (script.ToString(), taken);

        bool IsMade(string name) => changes.Any(line => line == $"{name}: made" || line.StartsWith($"{name}: made, a link to ", StringComparison.Ordinal));
        void Take(string what, string command)
        {
            taken.Add(what);
            script.Append(command).Append(" || exit\n");
        }
    }

    private static string Word(string text) => ShellQuote.Word(text);
}
