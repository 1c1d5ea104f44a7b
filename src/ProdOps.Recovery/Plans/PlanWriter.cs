using System.Globalization;
using System.Text;
using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Recovery.Plans;

/// <summary>Writes a plan's file for people to read and edit: the same plan is always the same text, and what has its default is left out.</summary>
internal static class PlanWriter
{
    private static readonly RecoveryStep Plain = new() { Name = "" };

    /// <summary>The file's text. The path and the revision are not in it.</summary>
    public static string Write(RecoveryPlan plan)
    {
        var table = new WrittenTable { IsBlock = true }
            .Add("Server", plan.Server)
            .Add("Scenario", plan.Scenario.ToString())
            .Add("Purpose", Text(plan.Purpose))
            .Add("Contacts", plan.Contacts)
            .Add("Objectives", Nonempty(new WrittenTable()
                .Add("Availability", Percent(plan.Objectives.Availability))
                .Add("RecoveryPoint", Time(plan.Objectives.RecoveryPoint))
                .Add("RecoveryTime", Time(plan.Objectives.RecoveryTime))
                .Add("ResponseTime", Time(plan.Objectives.ResponseTime))))
            .Add("Requires", Nonempty(new WrittenTable()
                .Add("System", plan.Requires.System)
                .Add("Architecture", plan.Requires.Architecture)
                .Add("FreeSpace", plan.Requires.FreeSpace)
                .Add("Memory", plan.Requires.Memory)))
            .Add("Captured", Moment(plan.Captured))
            .Add("Coverage", Percent(plan.Coverage))
            .Add("Unexplained", plan.Unexplained)
            .AddAlways("Steps", plan.Steps.Select((step, index) => Step(step, index == 0 ? null : plan.Steps[index - 1])).ToArray());
        return DataWriter.Write([$"Recovery plan {OneLine(plan.Name)}. It is read as data and never executed; Export-RecoveryPlan makes the runbook from it."], table);
    }

    /// <summary>Writes the file whole or not at all.</summary>
    /// <exception cref="ProdOpsException">It is there and must not be replaced, or cannot be written.</exception>
    public static async Task WriteAsync(RecoveryPlan plan, string path, bool replace, CancellationToken cancellationToken)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(temporary, Write(plan), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), cancellationToken).ConfigureAwait(false);
            File.Move(temporary, path, replace);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw !replace && File.Exists(path) ? RecoveryErrors.PlanExists(plan.Name, path) : RecoveryErrors.PlanNotWritten(path, exception);
        }
        finally
        {
            if (File.Exists(temporary)) File.Delete(temporary);
        }
    }

    internal static WrittenTable? Secret(SecretReference? secret) => secret is null ? null : new WrittenTable().Add(secret.Kind.ToString(), secret.Name);

    private static WrittenTable Step(RecoveryStep step, RecoveryStep? above)
    {
        var table = new WrittenTable { IsBlock = true }.Add("Name", step.Name);
        AddWork(table.Add("Purpose", Text(step.Purpose)), step);
        string[] usual = above is null ? [] : [above.Name];
        table.Add("On", Text(step.On));
        if (!step.DependsOn.SequenceEqual(usual, StringComparer.OrdinalIgnoreCase)) table.AddAlways("DependsOn", step.DependsOn);
        AddRules(table, step);
        return table.Add("Drill", step.Drill switch
        {
            RecoveryDrillMode.Skip => "Skip",
            RecoveryDrillMode.Substitute when step.Substitute is { } substitute => AddRules(AddWork(new WrittenTable { IsBlock = true }.Add("Purpose", Text(substitute.Purpose)), substitute), substitute),
            _ => null,
        });
    }

    private static WrittenTable AddRules(WrittenTable table, RecoveryStep step) => table
        .Add("AsRoot", step.AsRoot ? null : false)
        .Add("Idempotent", step.Idempotent)
        .Add("Timeout", step.Timeout == Plain.Timeout ? null : Time(step.Timeout))
        .Add("Attempts", step.Attempts == Plain.Attempts ? null : step.Attempts)
        .Add("RetryDelay", step.RetryDelay == Plain.RetryDelay ? null : Time(step.RetryDelay))
        .Add("Verify", step.Verify.Select(PlanChecks.Written).ToArray())
        .Add("Undo", step.Undo)
        .Add("Expected", Time(step.Expected));

    private static WrittenTable AddWork(WrittenTable table, RecoveryStep step) => step.Kind switch
    {
        RecoveryStepKind.Package => table.Add("Package", step.Packages),
        RecoveryStepKind.File => table.Add("File", Files(step)),
        RecoveryStepKind.Repository => table.Add("Repository", Files(step)),
        RecoveryStepKind.Directory => table.Add("Directory", step.Directories.Select(folder => new WrittenTable().Add("Path", folder.Path).Add("Mode", folder.Mode).Add("Owner", folder.Owner).Add("Group", folder.Group)).ToArray()),
        RecoveryStepKind.Group => table.Add("Group", step.Groups.Select(group => new WrittenTable().Add("Name", group.Name).Add("Id", group.Id).Add("System", True(group.System))).ToArray()),
        RecoveryStepKind.User => table.Add("User", step.Users.Select(User).ToArray()),
        RecoveryStepKind.Service => table.Add("Service", step.Services).Add("State", step.State == Plain.State ? null : step.State.ToString()).Add("Enabled", step.Enabled).Add("RestartAfter", step.RestartAfter),
        RecoveryStepKind.Command => table.Add("Command", step.Text).Add("Unless", step.Unless).Add("OnlyIf", step.OnlyIf).Add("Secrets", Secrets(step)),
        RecoveryStepKind.Restore => AddSnapshot(table.Add("Restore", step.Set), step).Add("Paths", step.Paths).Add("To", step.To == Plain.To ? null : step.To),
        RecoveryStepKind.Database => AddSnapshot(table.Add("Database", step.Database).Add("Engine", Engine(step)).Add("Set", step.Set), step).Add("FromDatabase", Text(step.FromDatabase)),
        RecoveryStepKind.Sql => table.Add("Sql", step.Text).Add("Engine", Engine(step)).Add("In", step.Database).Add("Unless", step.Unless),
        RecoveryStepKind.LoadBalancer => table.Add("LoadBalancer", step.LoadBalancer).Add("Action", step.Action == Plain.Action ? null : step.Action.ToString()),
        RecoveryStepKind.Address => table.Add("Address", step.LoadBalancer),
        RecoveryStepKind.Publish => table.Add("Publish", step.LoadBalancer),
        RecoveryStepKind.Wait => table.Add("Wait", step.Duration is { } wait ? Time(wait) : true),
        RecoveryStepKind.Manual => table.Add("Manual", step.Text).Add("Who", Text(step.Who)),
        RecoveryStepKind.Plan => table.Add("Plan", step.Plan),
        _ => table,
    };

    private static WrittenTable[] Files(RecoveryStep step) => [.. step.Files.Select(file => new WrittenTable()
        .Add("Path", file.Path).Add("Source", file.Source).Add("Secret", Secret(file.Secret)).Add("Link", file.Link)
        .Add("Mode", file.Mode).Add("Owner", file.Owner).Add("Group", file.Group).Add("Content", file.Content))];

    private static WrittenTable User(RecoveryUser user) => new WrittenTable()
        .Add("Name", user.Name).Add("Id", user.Id).Add("Group", user.Group).Add("Groups", user.Groups).Add("Home", user.Home).Add("Shell", user.Shell).Add("Comment", user.Comment)
        .Add("System", True(user.System)).Add("PasswordHash", Secret(user.PasswordHash)).Add("AuthorizedKeys", user.AuthorizedKeys);

    private static WrittenTable? Secrets(RecoveryStep step)
    {
        var table = new WrittenTable();
        foreach (var (name, secret) in step.Secrets.OrderBy(secret => secret.Key, StringComparer.Ordinal)) table.Add(name, Secret(secret));
        return Nonempty(table);
    }

    private static WrittenTable AddSnapshot(WrittenTable table, RecoveryStep step) => table
        .Add("From", Text(step.From)).Add("Snapshot", step.Snapshot == Plain.Snapshot ? null : step.Snapshot).Add("Before", Moment(step.Before));

    private static string? Engine(RecoveryStep step) => step.Engine == Plain.Engine ? null : step.Engine.ToString();

    private static WrittenTable? Nonempty(WrittenTable table) => table.Entries.Count == 0 ? null : table;

    private static object? True(bool value) => value ? true : null;

    private static string? Text(string text) => text.Length == 0 ? null : text;

    private static string? Time(TimeSpan? time) => time is { } given ? Quantity.FormatDuration(given) : null;

    private static string? Moment(DateTimeOffset? moment) => moment?.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture);

    private static string? Percent(double? share) => share is { } given ? ((decimal)given * 100).ToString("0.######", CultureInfo.InvariantCulture) + "%" : null;

    private static string OneLine(string text) => new([.. text.Select(static c => char.IsControl(c) ? ' ' : c)]);
}
