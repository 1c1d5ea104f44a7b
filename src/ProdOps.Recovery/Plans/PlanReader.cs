using System.Text;
using ProdOps.Servers.FileSystem.Unix;
using ProdOps.Servers.Inventory;
using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Recovery.Plans;

/// <summary>Reads a plan's file. All that is wrong is collected with its file, line and key; nothing is thrown for it.</summary>
internal static class PlanReader
{
    /// <summary>Files of captured servers hold texts of configuration; a backup by mistake is not read into memory.</summary>
    private const long MaximumFileSize = 16 << 20;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Its full path.</param>
    /// <param name="environment">The environment that its names must be in; <see langword="null"/> to leave them unchecked.</param>
    /// <exception cref="ProdOpsException">The file does not exist, cannot be read, or is somebody else's.</exception>
    public static PlanReading Read(string path, ProdOpsEnvironment? environment)
    {
        var problems = new List<EnvironmentProblem>();
        byte[] bytes = ReadFile(path);
        string? text = Decode(bytes, path, problems);
        return text is null ? new PlanReading(PlanRoot.Bind(PlanFiles.NameOf(path), path, null), problems) : Parse(text, path, environment, problems);
    }

    /// <summary>The plans of an environment that can be carried out; those with errors, and files that cannot be read, are left out.</summary>
    public static IReadOnlyList<RecoveryPlan> ReadSound(ProdOpsEnvironment environment)
    {
        var plans = new List<RecoveryPlan>();
        foreach (string name in PlanFiles.Names(environment))
        {
            try
            {
                var reading = Read(PlanFiles.PathOf(environment, name), environment);
                if (!reading.Errors.Any()) plans.Add(reading.Plan);
            }
            catch (ProdOpsException)
            {
                // Test-RecoveryPlan tells what is wrong with it.
            }
        }

        return plans;
    }

    /// <summary>Reads a text as the file's.</summary>
    public static PlanReading Parse(string text, string path, ProdOpsEnvironment? environment) => Parse(text, path, environment, []);

    private static PlanReading Parse(string text, string path, ProdOpsEnvironment? environment, List<EnvironmentProblem> problems)
    {
        var values = DataParser.Parse(text, path, problems) is { } table ? PlanRoot.Schema.Read(table, new ReadContext(problems)) : null;
        var plan = PlanRoot.Bind(PlanFiles.NameOf(path), path, values);
        var entries = values?.Get(PlanRoot.Steps) ?? [];
        plan = plan with { Steps = new PlanOrder(problems).Order(entries) };
        if (environment is not null && values is not null) new PlanReferences(environment, plan, problems).Check(values, entries);
        return new PlanReading(plan with { Revision = PlanRevisions.HashOf(text, plan) }, [.. problems.Distinct().OrderBy(problem => problem.Position.Line).ThenBy(problem => problem.Position.Column)]);
    }

    private static byte[] ReadFile(string path)
    {
        try
        {
            if (!File.Exists(path)) throw RecoveryErrors.PlanFileNotFound(path);
            // It says what is run as root on servers.
            if (FileTrust.FindFault(path) is { } fault) throw RecoveryErrors.PlanUntrusted(path, fault);
            if (new FileInfo(path).Length > MaximumFileSize) throw RecoveryErrors.PlanTooLarge(path, MaximumFileSize);
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw RecoveryErrors.PlanUnreadable(path, exception);
        }
    }

    private static string? Decode(byte[] bytes, string path, List<EnvironmentProblem> problems)
    {
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            problems.Add(EnvironmentProblems.NoText(path));
            return null;
        }
    }
}

/// <summary>What reading a plan has given.</summary>
/// <param name="Plan">What could be read; complete if there is no problem but warnings.</param>
/// <param name="Problems">What is wrong, in the order of the file.</param>
internal sealed record PlanReading(RecoveryPlan Plan, IReadOnlyList<EnvironmentProblem> Problems)
{
    public IEnumerable<EnvironmentProblem> Errors => Problems.Where(problem => !problem.IsWarning);

    /// <summary>The plan.</summary>
    /// <exception cref="ProdOpsException">There are errors.</exception>
    public RecoveryPlan Require() => Errors.Any() ? throw RecoveryErrors.PlanInvalid(Plan.Path, [.. Errors]) : Plan;
}
