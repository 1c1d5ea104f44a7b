namespace ProdOps;

/// <summary>A log as the environment's file describes it: what of which servers, and how its lines are read. Sizes are bytes.</summary>
public sealed record LogSourceDefinition
{
    /// <summary>The source's name, which its lines carry.</summary>
    public required string Name { get; init; }

    /// <summary>The servers as the file names them: names, wildcards, <c>role:App</c>, <c>group:eu</c>. None is all of the environment.</summary>
    public IReadOnlyList<string> Server { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Full paths of files, with wildcards; none where the journal or a command is read.</summary>
    public IReadOnlyList<string> Path { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Wildcards over full paths of what is left out.</summary>
    public IReadOnlyList<string> Exclude { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Whether systemd's journal is read.</summary>
    public bool Journal { get; init; }

    /// <summary>The units that the journal is read of; none is all of it.</summary>
    public IReadOnlyList<string> JournalUnit { get; init => field = Indexable.Of(value); } = [];

    /// <summary>A command whose output is collected, a line at a time.</summary>
    public string? Command { get; init; }

    /// <summary>How long to leave between two runs of the command; zero runs it in each round.</summary>
    public TimeSpan Interval { get; init; }

    /// <summary>The name of the lines' format or filter; <see langword="null"/>: it is found by content.</summary>
    public string? Format { get; init; }

    /// <summary>The time zone of times that leave it out, by its IANA name; <see langword="null"/> for the server's.</summary>
    public string? Zone { get; init; }

    /// <summary>How long lines are kept; <see langword="null"/> for what the environment says.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>How large the source may grow, in bytes on disk; <see langword="null"/> for what the environment says.</summary>
    public long? MaxSize { get; init; }

    /// <summary>Whether to read it as root by sudo.</summary>
    public bool AsRoot { get; init; }

    /// <summary>Which lines begin an entry: a regular expression, <c>Auto</c> for what the format says, <c>None</c> where each line is one.</summary>
    public string MultiLine { get; init; } = "Auto";

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}

/// <summary>A filter of the admin's own: how a line is taken apart.</summary>
public sealed record LogFilterDefinition
{
    /// <summary>The filter's name, which <c>Format</c> refers to.</summary>
    public required string Name { get; init; }

    /// <summary>The pattern, in the language of grok: <c>%{IP:client} %{NUMBER:bytes:int}</c>.</summary>
    public required string Pattern { get; init; }

    /// <summary>The field that has the time; <see langword="null"/>: the pattern's own time field.</summary>
    public string? TimeField { get; init; }

    /// <summary>How the time is written; <see langword="null"/>: it is found by content.</summary>
    public string? TimeFormat { get; init; }

    /// <summary>The field that says how severe a line is.</summary>
    public string? LevelField { get; init; }

    /// <summary>The field that has the message.</summary>
    public string? MessageField { get; init; }

    /// <summary>Patterns by name, for use in <see cref="Pattern"/>.</summary>
    public IReadOnlyDictionary<string, string> Patterns { get; init; } = new Dictionary<string, string>();

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}
