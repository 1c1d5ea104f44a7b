namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes the log sources of the environment, with what they read.</summary>
internal sealed class DefinedSourceCompleter : EnvironmentCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Text, string ToolTip)> Propose(ProdOpsEnvironment environment) =>
        environment.Logging.Sources.DistinctBy(source => source.Name, StringComparer.OrdinalIgnoreCase).Select(source => (source.Name, Describe(source)));

    private static string Describe(LogSourceDefinition source) =>
        source.Journal ? source.JournalUnit.Count == 0 ? "the journal" : $"the journal of {string.Join(", ", source.JournalUnit)}" : source.Command ?? string.Join(", ", source.Path);
}
