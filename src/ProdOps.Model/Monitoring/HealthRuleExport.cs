namespace ProdOps;

/// <summary>What Export-HealthRule wrote.</summary>
public sealed record HealthRuleExport
{
    /// <summary>The file.</summary>
    public string Path { get; init; } = "";

    /// <summary>What it is.</summary>
    public HealthRuleExportFormat Format { get; init; }

    /// <summary>How many rules, or targets, are in it.</summary>
    public int Count { get; init; }

    /// <summary>The rules that Prometheus' language cannot say: they stand in the file as comments.</summary>
    public IReadOnlyList<string> LeftOut { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How many bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>The file.</summary>
    /// <returns><see cref="Path"/>.</returns>
    public override string ToString() => Path;
}

/// <summary>What Export-HealthRule writes.</summary>
public enum HealthRuleExportFormat
{
    /// <summary>Rules as alerting rules of Prometheus.</summary>
    Prometheus,

    /// <summary>Servers as targets of Prometheus' file-based service discovery.</summary>
    Targets,
}
